// Whom an address leads to: the contact that has it, or a new one with the id that the caller has ready. One D1 batch of three statements.
import { claimIdentity, type Identity } from "../../db/queries/contacts.ts";
import { selectConversation } from "../../db/queries/conversations.ts";
import type { Database } from "../ports.ts";
import { suppressionHash } from "./suppression.ts";

/** `created`: the row was made with `candidateId`, now or by an earlier call. */
export const resolveContact = async (
  db: Database,
  wanted: { organizationId: string; identity: Identity; candidateId: string; name: string | null; at: number },
): Promise<{ contactId: string; created: boolean }> => {
  const { organizationId, identity, candidateId: id, name, at } = wanted;
  const suppression = await suppressionHash(organizationId, identity);
  const results = await db.batch(claimIdentity(db, { organizationId, id, name, identity, suppression, at }));
  const { contactId } = results.at(-1)!.results[0] as { contactId: string };
  return { contactId, created: contactId === id };
};

/** Whoever began it. */
export const hasConversation = async (db: Database, organizationId: string, conversationId: string): Promise<boolean> =>
  (await selectConversation(db, organizationId, conversationId).first()) !== null;
