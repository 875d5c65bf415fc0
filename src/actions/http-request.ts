// http.request: one request through the egress guard, with the step key as Idempotency-Key on every attempt.
// Redirects, addresses and sizes are the guard's; when to try again is the node's policy.
import { z } from "zod";
import type { EffectResult } from "../engine/contract.ts";
import { type EgressAnswer, type EgressFailure, hostIn, tellFailure } from "../lib/egress.ts";
import type { Json } from "../lib/json.ts";
import { parseJson } from "../lib/parse-json.ts";
import { defineAction, failed } from "./action.ts";

const HTTP_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;

const schema = z.strictObject({
  url: z.string(),
  method: z.enum(HTTP_METHODS),
  headers: z.record(z.string(), z.string()),
  /** Text goes as it is, null as no body, anything else as JSON. */
  body: (z.json() as z.ZodType<Json>).optional(),
});
type Input = z.infer<typeof schema>;

/** Statuses that promise that later may be different (CONTRACT "Enhanced"). */
const isRetryable = (status: number): boolean => [408, 425, 429].includes(status) || status >= 500;

/** RFC 9110: seconds, or a date, which the answer's own Date makes relative. */
const retryAfterOf = (headers: Headers): number | undefined => {
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value) - Date.parse(headers.get("date") ?? "");
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
};

/** JSON that breaks our own laws of what comes from outside (depth, numbers) stays a text: the target is not to be trusted. */
const bodyOf = (answer: EgressAnswer): Json => {
  const text = new TextDecoder().decode(answer.body);
  if (text === "") return null;
  const isJson = /\bjson\b/i.test(answer.headers.get("content-type") ?? "");
  if (!isJson && !/^\s*[[{]/.test(text)) return text;
  const parsed = parseJson(answer.body);
  return parsed.ok ? parsed.value : text;
};

/** Characters of a body that a log line has. */
const LOGGED = 500;
const textOf = (body: Json): string => (typeof body === "string" ? body : JSON.stringify(body));
const serviceOf = (url: string) => (URL.canParse(url) ? { service: new URL(url).host.slice(0, 255) } : {});

const answered = (answer: EgressAnswer): EffectResult => {
  const output = { status: answer.status, headers: Object.fromEntries(answer.headers), body: bodyOf(answer) };
  const line = `${hostIn(answer.url)} answered ${answer.status}`;
  if (answer.status < 400) return { outcome: "ok", output, logs: [line] };
  const retryAfterMs = retryAfterOf(answer.headers);
  const error = {
    code: "HTTP_ERROR",
    message: line,
    retryable: isRetryable(answer.status),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    details: output,
  };
  const logs = output.body === null ? [] : [`${line}: ${textOf(output.body).slice(0, LOGGED)}`];
  return { outcome: "failed", error, logs };
};

const unanswered = (failure: EgressFailure, url: string): EffectResult => {
  const { code, message, passes } = tellFailure(failure, url);
  return failed(code, message, { retryable: passes, ...(passes && failure.sent && { uncertain: true }) });
};

/** Undefined when a name or value cannot be a header. */
const headersOf = (input: Input, key: string): Record<string, string> | undefined => {
  const headers = new Headers();
  try {
    for (const [name, value] of Object.entries(input.headers)) headers.set(name, value);
  } catch {
    return undefined;
  }
  if (typeof input.body === "object" && input.body !== null && !headers.has("content-type"))
    headers.set("content-type", "application/json");
  headers.set("idempotency-key", key);
  return Object.fromEntries(headers);
};

/** Output `{status, headers, body}`: header names in lower case, `body` parsed when it is JSON, null when empty. */
export const httpRequest = defineAction({
  name: "http.request",
  schema,
  run: async (ports, request) => {
    const { url, method, body } = request.input;
    const headers = headersOf(request.input, request.key);
    if (!headers) return failed("INVALID_INPUT", "headers: A name or value cannot be sent as a header");
    const answer = await ports.http.request({
      url,
      method,
      headers,
      ...(body !== undefined && body !== null && { body: textOf(body) }),
      hops: request.eventDepth,
      signal: request.signal,
    });
    return { ...(answer.ok ? answered(answer) : unanswered(answer, url)), ...serviceOf(url) };
  },
  mock: ({ url, method, body = null }) => ({
    output: { status: 200, headers: {}, body: null, mocked: true },
    log: `Mocked: would send ${method} to ${hostIn(url)}${body === null ? "" : `: ${textOf(body).slice(0, LOGGED)}`}`,
  }),
});
