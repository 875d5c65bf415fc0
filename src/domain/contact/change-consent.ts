// Consent as people and carriers give and withdraw it. Nothing is sent after it was withdrawn: whoever sends reads it in the statement that
// writes the message's row (domain/message/send.ts).
import { contactExists, setConsent } from "../../db/queries/consent.ts";
import type { Database } from "../ports.ts";
import type { ConsentChange } from "./receive.ts";

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
