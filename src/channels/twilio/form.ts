// The form of a Twilio webhook, decoded once, the same way for the signature and for the facts.

import type { RawRequest } from "../channel.ts";

export type Form = readonly (readonly [string, string])[];

/** A callback is read once, however many channels claim the number that it names. */
const forms = new WeakMap<RawRequest, Form | undefined>();

/** The pairs of a form body; none for an empty body; undefined for any other kind of body. */
export const readForm = (request: RawRequest): Form | undefined => {
  if (!forms.has(request)) forms.set(request, formOf(request));
  return forms.get(request);
};

const formOf = (request: RawRequest): Form | undefined => {
  if (request.body.byteLength === 0) return [];
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return undefined;
  const text = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(request.body);
  // URLSearchParams drops a question mark that starts its text; in a body it belongs to the first key.
  return [...new URLSearchParams(`&${text}`)];
};
