// A channel's word on a send, in the words of an attempt.
import type { ErrorClass, SendOutcome } from "../../channels/channel.ts";
import type { Attempted } from "../action-ports.ts";

/** What the refusal's code is for whoever reads the run. */
const CODES: Record<ErrorClass, string> = {
  permanent: "RECIPIENT_UNREACHABLE",
  consent: "CONSENT",
  window: "WINDOW",
  configuration: "CHANNEL_MISCONFIGURED",
  content: "CONTENT_REFUSED",
  retry: "PROVIDER_BUSY",
  unknown: "PROVIDER_REFUSED",
};

/** `unknown` codes get one more try, by the node's policy (MESSAGING "Sending through Twilio"). */
export const refusalOf = <T>(refused: Extract<SendOutcome, { outcome: "refused" }>, service: string): Attempted<T> => ({
  outcome: "refused",
  service,
  code: CODES[refused.class],
  message: refused.message,
  retryable: refused.class === "retry" || refused.class === "unknown",
  ...(refused.retryAfterMs === undefined ? {} : { retryAfterMs: refused.retryAfterMs }),
  details: { provider_code: refused.code ?? null, name: refused.name },
});
