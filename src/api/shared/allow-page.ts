// What lets a page of another origin read an answer, where a route judges origins by itself. Never with credentials. `Vary` is app.ts'.
import type { ApiContext } from "./api.ts";

/** Beside those that every page may read. */
export const EXPOSED_HEADERS: readonly string[] = [
  "X-Request-Id",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
  "Retry-After",
];

/** The page that calls, if one does. */
export const allowPage = (c: ApiContext): void => {
  const origin = c.req.header("origin");
  if (origin === undefined) return;
  c.header("Access-Control-Allow-Origin", origin);
  c.header("Access-Control-Expose-Headers", EXPOSED_HEADERS.join(","));
};
