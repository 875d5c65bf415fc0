// Conditional reads: who has an answer already, and names its ETag, is told that it still holds.
import { toBase64 } from "../../lib/base64.ts";
import type { ApiContext } from "../shared/api.ts";

/** Whether one of the tags of an If-None-Match is this one; a weak one is as good here. */
const names = (header: string | undefined, tag: string): boolean =>
  header !== undefined && (header.trim() === "*" || (header.match(/"[^"]*"/g) ?? []).some((one) => one === tag));

/** The answer with its ETag, or 304 without a body. */
export const answerIfChanged = async (c: ApiContext, answer: () => Response | Promise<Response>): Promise<Response> => {
  const full = await answer();
  if (full.status !== 200) return full;
  const bytes = await full.clone().arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const tag = `"${toBase64(digest.subarray(0, 15))}"`;
  c.header("ETag", tag);
  if (!names(c.req.header("if-none-match"), tag)) {
    full.headers.set("ETag", tag);
    return full;
  }
  return c.body(null, 304);
};
