// Whether a failed fetch may have reached its target. Only what is known to fail before the first byte of a request counts as not sent.

/** Node's and undici's codes for a connection that was never made. workerd reports no code: there, everything may have left. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;

/** False only when the target surely saw nothing. */
export const mayHaveLeft = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = codeOf(error) ?? codeOf(cause);
  return !(typeof code === "string" && NEVER_CONNECTED.has(code));
};
