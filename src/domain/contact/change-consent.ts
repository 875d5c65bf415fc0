// Consent as people and carriers give and withdraw it. Nothing is sent after it was withdrawn: whoever sends reads it in the statement that
// writes the message's row (domain/message/send.ts).
import type { Address } from "../../channels/channel.ts";
import { contactExists, setConsent } from "../../db/queries/consent.ts";
import { selectContactIds } from "../../db/queries/identities.ts";
import type { Database } from "../ports.ts";
import { type ConsentChange, identityOf } from "./receive.ts";

/**
 * One batch. What is withdrawn always counts; what is given, only when nothing was said later. Each change of the state raises the contact's
 * epoch and is kept in its history. False when there is no such contact.
 */
export const changeConsent = async (
  db: Database,
  change: ConsentChange & { organizationId: string; contactId: string; at: number },
): Promise<boolean> => {
  const [, found] = await db.batch([
    setConsent(db, change),
    contactExists(db, change.organizationId, change.contactId),
  ]);
  return found!.results.length > 0;
};

/** Two contacts that turn out to be one person stay two; what the person says counts for both. */
export const changeConsentOfOthers = async (
  db: Database,
  { contactId, addresses, ...change }: Parameters<typeof changeConsent>[1] & { addresses: readonly Address[] },
): Promise<void> => {
  const identities = addresses.flatMap((address) => identityOf(address) ?? []);
  if (identities.length === 0) return;
  const { results } = await selectContactIds(db, change.organizationId, identities).all<{ id: string }>();
  const others = results.filter(({ id }) => id !== contactId);
  if (others.length > 0) await db.batch(others.map(({ id }) => setConsent(db, { ...change, contactId: id })));
};
