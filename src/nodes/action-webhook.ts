import type { JsonObject } from "../lib/json.ts";
import { anyJson, filledText, hasTemplate, jsonRecord, oneOf, templated } from "./config.ts";
import { ATTEMPT_MS, defineNode, passResult } from "./node.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;

/** Names as RFC 9110 has them; values of one line. */
const headers = jsonRecord.transform((written, context) => {
  const made: Record<string, string> = {};
  for (const [name, value] of Object.entries(written)) {
    const refuse = (message: string) => context.addIssue({ code: "custom", message, path: [name] });
    if (!/^[\w!#$%&'*+.^`|~-]{1,128}$/.test(name)) refuse("This is no header name.");
    if (value === null) refuse("There is nothing in it.");
    else if (typeof value === "object") refuse("A text is needed.");
    else {
      made[name] = String(value);
      if (/[\r\n\0]/.test(made[name])) refuse("A header has one line.");
    }
  }
  return made;
});

const checkUrl = (url: string) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

/** Output `{status, headers, body}`; `body` is parsed when it is JSON. */
export const actionWebhook = defineNode({
  type: "action_webhook",
  kind: "action",
  title: "HTTP request",
  description:
    "Sends an HTTP request with the step's own Idempotency-Key. A status of 400 or more is a failure; 408, 425, 429 and 5xx are tried " +
    "again as `retry` says. An unknown outcome is repeated with the same key, so the target may see a request twice.",
  fields: {
    url: templated(
      filledText(2_048).refine(checkUrl, "An absolute http or https URL is needed.").meta({ title: "URL" }),
    ),
    method: oneOf(METHODS),
    headers: headers.optional(),
    body: anyJson.optional(),
  },
  check: ({ method, body, url }: JsonObject) => {
    const findings = [];
    if (body !== undefined && body !== null && (method === "GET" || method === "HEAD"))
      findings.push({ path: "body", message: `A ${method} request has no body.` });
    if (!hasTemplate(url) && typeof url === "string" && new URL(url).username !== "")
      findings.push({ path: "url", message: "Credentials belong into a header, not into the URL." });
    return findings;
  },
  urls: ({ url }: JsonObject) => (typeof url !== "string" || hasTemplate(url) ? [] : [{ path: "url", url }]),
  onUnknown: "retry",
  longestMs: () => ATTEMPT_MS,
  enter: ({ config }) => ({
    kind: "perform",
    action: "http.request",
    input: { url: config.url, method: config.method, headers: config.headers ?? {}, body: config.body ?? null },
  }),
  resume: passResult,
});
