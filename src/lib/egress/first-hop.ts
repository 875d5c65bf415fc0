// The request that a user configured, made ready to leave: judged, its hop counted, connection headers dropped.

import { err, ok, type Result } from "../result.ts";
import { HOP_HEADER, MAX_HOPS } from "./hops.ts";
import { judgeUrl } from "./judge-url.ts";
import type { Hop } from "./redirect.ts";
import type { EgressCode, EgressRefusal, EgressRequest, EgressRules } from "./rules.ts";

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Headers that belong to the connection or to us; what a user writes there is dropped. */
const NOT_THE_USERS = [
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

const refuse = (code: EgressCode, message: string): Result<never, EgressRefusal> => err({ code, message });

const headersOf = (request: EgressRequest): Headers | undefined => {
  try {
    const headers = new Headers(request.headers);
    for (const name of NOT_THE_USERS) headers.delete(name);
    headers.set(HOP_HEADER, String((request.hops ?? 0) + 1));
    return headers;
  } catch {
    return undefined;
  }
};

/** The first request of the chain, or why none is made. */
export const firstHop = (request: EgressRequest, rules: EgressRules): Result<Hop, EgressRefusal> => {
  if ((request.hops ?? 0) >= MAX_HOPS) return refuse("loop", `this event has passed through ${MAX_HOPS} times: a loop`);
  const judged = judgeUrl(request.url, rules);
  if (!judged.ok) return judged;
  const method = (request.method ?? "GET").toUpperCase();
  if (!METHODS.has(method)) return refuse("malformed_request", `the method ${method} is not allowed`);
  const headers = headersOf(request);
  if (!headers) return refuse("malformed_request", "a header's name or value is malformed");
  const hasBody = request.body !== undefined && method !== "GET" && method !== "HEAD";
  return ok({ url: judged.value, method, headers, body: hasBody ? request.body : undefined });
};
