// One Twilio sender: the account, the address it sends from, and where its webhooks arrive.

/** Addresses carry no `whatsapp:` prefix; the kind adds it. One of `from` and `messagingServiceSid` is needed to send. */
export type TwilioSettings = {
  kind: "sms" | "whatsapp";
  accountSid: string;
  authToken: string;
  from?: string;
  messagingServiceSid?: string;
  /** Without a trailing slash; Twilio's own when absent. */
  apiBaseUrl?: string;
  contentBaseUrl?: string;
  /** The URL under which Twilio reaches us; webhooks are verified against it. */
  publicUrl: string;
};

export const TWILIO_API = "https://api.twilio.com";
export const TWILIO_CONTENT = "https://content.twilio.com";

/** Twilio answers within a second as a rule; beyond this the outcome counts as unknown. */
export const TIMEOUT_MS = 15_000;
/** A message resource takes about 1 KB; a page of a list at most this. */
export const MAX_ANSWER_BYTES = 1_048_576;
