import { z } from "zod";
import type { JsonObject } from "../lib/json.ts";
import { anyJson, filledText, hasTemplate, oneOf, templated } from "./config.ts";
import { defineNode, passResult } from "./node.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;

const headers = z.record(
  z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,128}$/, "This is no header name."),
  z
    .union([z.string(), z.number(), z.boolean()], { error: "A text is needed." })
    .transform(String)
    .refine((value) => !/[\r\n\0]/.test(value), "A header has one line."),
);

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
  onUnknown: "retry",
  enter: ({ config }) => ({
    kind: "perform",
    action: "http.request",
    input: { url: config.url, method: config.method, headers: config.headers ?? {}, body: config.body ?? null },
  }),
  resume: passResult,
});
