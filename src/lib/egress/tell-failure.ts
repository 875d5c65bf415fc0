// A request that brought no answer, told to whoever asked for it: a code, and a line that names the host.
import type { EgressFailure } from "./rules.ts";

const CODES: Record<EgressFailure["kind"], string> = {
  refused: "EGRESS_REFUSED",
  timeout: "TIMEOUT",
  network: "NETWORK_ERROR",
  too_large: "RESPONSE_TOO_LARGE",
  too_many_redirects: "TOO_MANY_REDIRECTS",
};

/** All that the runtime says of a name that does not resolve, or of a host that nobody answers for. */
const SAYS_NOTHING = /^internal error\b/i;

/** With its port. Paths and queries may hold a secret, so people are told the host only. */
export const hostIn = (url: string): string => (URL.canParse(url) ? new URL(url).host : "the target");

/** `passes`: another try may be answered. */
export const tellFailure = (
  { kind, message }: Pick<EgressFailure, "kind" | "message">,
  url: string,
): { code: string; message: string; passes: boolean } => {
  const passes = kind === "timeout" || kind === "network";
  const why = SAYS_NOTHING.test(message) ? "it cannot be reached" : message;
  return { code: CODES[kind], message: passes ? `${hostIn(url)} did not answer: ${why}` : message, passes };
};
