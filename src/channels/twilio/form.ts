// The form of a Twilio webhook, decoded once, the same way for the signature and for the facts.

import { isJsonObject } from "../../lib/json.ts";
import type { RawRequest } from "../channel.ts";

export type Form = readonly (readonly [string, string])[];

/** A callback is read once, however many channels claim the number that it names. */
const forms = new WeakMap<RawRequest, Form | undefined>();

/** The pairs of a form body; none for an empty body; undefined for any other kind of body. */
export const readForm = (request: RawRequest): Form | undefined => {
  if (!forms.has(request)) forms.set(request, formOf(request));
  return forms.get(request);
};

/**
 * What the request tells, by name: its form's pairs, or the fields of its JSON, which Twilio signs by a hash. Of a repeated name the first counts.
 */
export const readFields = (request: RawRequest): Map<string, string> =>
  new Map((readForm(request) ?? jsonOf(request)).toReversed());

const jsonOf = ({ headers, body }: RawRequest): Form => {
  if (!/^application\/json\s*(;|$)/i.test(headers.get("content-type") ?? "")) return [];
  try {
    const said: unknown = JSON.parse(new TextDecoder().decode(body));
    const fields = isJsonObject(said) ? Object.entries(said) : [];
    return fields.flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" ? [[name, String(value)] as const] : [],
    );
  } catch {
    return [];
  }
};

const formOf = (request: RawRequest): Form | undefined => {
  if (request.body.byteLength === 0) return [];
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return undefined;
  const text = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(request.body);
  // URLSearchParams drops a question mark that starts its text; in a body it belongs to the first key.
  return [...new URLSearchParams(`&${text}`)];
};
