// Twilio's error codes: its own name for each, and what it means for the next step. Names and meanings: Twilio's "Error and Warning
// Dictionary", 2026-11. Classes: MESSAGING "Error classes"; below its line, codes that the dictionary describes in the same terms.

import type { ErrorClass, ProviderError } from "../channel.ts";

const TABLE: Readonly<Record<number, readonly [ErrorClass, string]>> = {
  20003: ["configuration", "Permission Denied"],
  20429: ["retry", "Too Many Requests"],
  21211: ["permanent", "Invalid 'To' Phone Number"],
  21408: [
    "configuration",
    "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
  ],
  21608: ["configuration", "The 'to' phone number provided is not yet verified for this account."],
  21610: ["consent", "Attempt to send to unsubscribed recipient"],
  30001: ["retry", "Queue overflow"],
  30003: ["retry", "Unreachable destination handset"],
  30005: ["permanent", "Unknown destination handset"],
  30006: ["permanent", "Landline or unreachable carrier"],
  30007: ["content", "Message filtered"],
  30008: ["retry", "Unknown error"],
  30034: ["configuration", "US A2P 10DLC - Message from an Unregistered Number"],
  63003: ["permanent", "Channel could not find To address"],
  63016: ["window", "Failed to send freeform message because you are outside the allowed window"],
  63018: ["retry", "Rate limit exceeded for Channel"],
  63020: ["configuration", "Twilio encountered a Business Manager account error"],
  63021: ["content", "Channel invalid content error"],
  // Beyond MESSAGING.
  21212: ["configuration", "Invalid 'From' Number"],
  21602: ["content", "Message body is required"],
  21603: ["configuration", "A 'From' phone number is required to send a Message"],
  21604: ["permanent", "'To' phone number is required to send a Message"],
  21606: [
    "configuration",
    "The 'From' phone number provided is not a valid message-capable Twilio phone number for this destination",
  ],
  21609: ["configuration", "Invalid 'StatusCallback' URL"],
  21611: ["retry", "This 'From' number has exceeded the maximum number of queued messages"],
  21614: ["permanent", "'To' number is not a valid mobile number"],
  21617: ["content", "The concatenated message body exceeds the 1600 character limit"],
  21619: ["content", "A text message body or media urls must be specified"],
  21620: ["content", "Invalid media URL(s)"],
  21623: ["content", "Number of media files exceeds allowed limit"],
  30002: ["configuration", "Account suspended"],
  63007: ["configuration", "Twilio could not find a Channel with the specified 'From' address"],
  63017: ["retry", "Rate limit exceeded"],
};

/** What a status callback or an API answer means by `code`. `said` is what it told this time. */
export const twilioError = (code: number, said = ""): ProviderError => {
  const known = TABLE[code];
  const name = known?.[1] ?? `Twilio error ${code}`;
  return { class: known?.[0] ?? "unknown", code, name, message: said || name };
};

/** An answer without a code of Twilio's: the HTTP status is all that is known. */
export const httpError = (status: number, said = ""): ProviderError => {
  const name = `HTTP ${status}`;
  return { class: classOfStatus(status), code: status, name, message: said || name };
};

const classOfStatus = (status: number): ErrorClass => {
  if (status === 429 || status === 408 || status === 503) return "retry";
  if (status === 400 || status === 422) return "unknown";
  // Wrong credentials, account, base URL or method, or a redirect: no contact is to blame.
  return "configuration";
};
