// The contact that a caller means by an id: their own id of them, or ours.
import { findContact, findContactByIdentity } from "../../db/queries/contacts.ts";
import { isUuid } from "../../lib/ids.ts";
import type { Database } from "../ports.ts";

/** Theirs wins. Undefined when it is nobody's. One read, a second when only ours is left. */
export const findContactId = async (db: Database, organizationId: string, id: string): Promise<string | undefined> => {
  const own = await findContactByIdentity(db, organizationId, { kind: "external_id", value: id });
  if (own) return own.id;
  return isUuid(id) ? (await findContact(db, organizationId, id))?.id : undefined;
};
