// A person who is known by more than one address at once, as a provider says: a WhatsApp user's number and their business-scoped id.
import type { Address } from "../../channels/channel.ts";
import { linkIdentities as linkStatement } from "../../db/queries/identities.ts";
import type { Database } from "../ports.ts";
import { identityOf } from "./receive.ts";

/** One write. An address that leads to another contact already stays theirs. */
export const linkIdentities = async (
  db: Database,
  of: { organizationId: string; contactId: string; addresses: readonly Address[] },
): Promise<void> => {
  const identities = of.addresses.flatMap((address) => identityOf(address) ?? []);
  if (identities.length > 0) await linkStatement(db, of.organizationId, of.contactId, identities).run();
};
