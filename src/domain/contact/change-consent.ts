// Consent as people and carriers give and withdraw it. Nothing is sent after it was withdrawn: whoever sends reads it in the statement that
// writes the message's row (domain/message/send.ts).
import { setConsent } from "../../db/queries/contacts.ts";
import type { Database } from "../ports.ts";
import type { ConsentChange } from "./receive.ts";

/** One write. What is withdrawn always counts; what is given, only when nothing was said later. */
export const changeConsent = (
  db: Database,
  change: ConsentChange & { organizationId: string; contactId: string; at: number },
): Promise<void> => setConsent(db, change);
