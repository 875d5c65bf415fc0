// The form of a Twilio webhook, decoded once, the same way for the signature and for the facts.

import type { RawRequest } from "../channel.ts";

/** The pairs of a form body; none for an empty body; undefined for any other kind of body. */
export const readForm = (request: RawRequest): [string, string][] | undefined => {
  if (request.body.byteLength === 0) return [];
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return undefined;
  const text = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(request.body);
  // URLSearchParams drops a question mark that starts its text; in a body it belongs to the first key.
  return [...new URLSearchParams(`&${text}`)];
};
