// What the next request of a redirect chain looks like, by the Fetch standard's HTTP-redirect fetch. Judging its URL is not done here.
import { isPlainHeader } from "../plain-header.ts";
import { HOP_HEADER } from "./hops.ts";

export type Hop = { url: URL; method: string; headers: Headers; body: string | Uint8Array | undefined };

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const BODY_HEADERS = ["content-encoding", "content-language", "content-length", "content-location", "content-type"];

export const isRedirect = (answer: Response): boolean =>
  REDIRECTS.has(answer.status) && answer.headers.get("location") !== null;

/** The method and body that follow; 307 and 308 keep both. */
const becomesGet = (status: number, method: string): boolean =>
  status === 303 ? method !== "GET" && method !== "HEAD" : (status === 301 || status === 302) && method === "POST";

/** What we say of a request, wherever it goes. */
const OURS: ReadonlySet<string> = new Set([HOP_HEADER.toLowerCase(), "idempotency-key"]);

/**
 * The request to make at `url`, which the redirect names. Credentials do not cross to another origin, and never come back; a header of the user's
 * may be one whatever it is called, so none crosses but the plainest.
 */
export const nextHop = (hop: Hop, status: number, url: URL): Hop => {
  const headers = new Headers(hop.headers);
  const asGet = becomesGet(status, hop.method);
  if (asGet) for (const name of BODY_HEADERS) headers.delete(name);
  if (url.origin !== hop.url.origin)
    for (const name of [...headers.keys()]) if (!isPlainHeader(name) && !OURS.has(name)) headers.delete(name);
  return { url, method: asGet ? "GET" : hop.method, headers, body: asGet ? undefined : hop.body };
};
