// Whom an address leads to: the contact that has it, who has another address that is the same person's, or a new one with the id that the caller
// has ready. One D1 batch of three statements, four when there are others.
import { claimIdentity, type Identity } from "../../db/queries/contacts.ts";
import { selectConversation } from "../../db/queries/conversations.ts";
import { joinIdentity } from "../../db/queries/identities.ts";
import type { Database } from "../ports.ts";
import { suppressionHash } from "./suppression.ts";

/** `created`: the row was made with `candidateId`, now or by an earlier call. */
export const resolveContact = async (
  db: Database,
  wanted: {
    organizationId: string;
    identity: Identity;
    /** Other addresses of the same person, as a provider says. */
    others?: readonly Identity[];
    candidateId: string;
    name: string | null;
    at: number;
  },
): Promise<{ contactId: string; created: boolean }> => {
  const { organizationId, identity, others = [], candidateId: id, name, at } = wanted;
  const suppression = await suppressionHash(organizationId, identity);
  const results = await db.batch([
    ...(others.length > 0 ? [joinIdentity(db, organizationId, identity, others)] : []),
    ...claimIdentity(db, { organizationId, id, name, identity, suppression, at }),
  ]);
  const { contactId } = results.at(-1)!.results[0] as { contactId: string };
  return { contactId, created: contactId === id };
};

/** Whoever began it. */
export const hasConversation = async (db: Database, organizationId: string, conversationId: string): Promise<boolean> =>
  (await selectConversation(db, organizationId, conversationId).first()) !== null;
