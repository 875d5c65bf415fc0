// What stands for a secret's value in a run's texts: its name, or what a filter is to make of the value when it is there (postponed). The values
// themselves never come to the engine: domain/variable puts them in where something leaves. PERSISTED CONTRACT: journals hold both forms.
import { isJsonObject, type Json } from "../../lib/json.ts";

export const SECRET_PREFIX = "sb_secret_";
/** In small letters and digits alone, which URLs, headers and JSON leave as they are; `z` is its end. */
const FORM = /sb_secret_[0-9a-f]{32}|sb_later_(?:[0-9a-f]{2})+z/g;
const LATER = "sb_later_";
/** Of a postponed form, in characters. */
const MAX_FORM_LENGTH = 64 * 1024;

/** A filter that has yet to be applied, to what holds names of secrets. */
export type Postponed = { filter: string; value: Json; args: Json[] };

/** Filters that make one text of one text, of all of it: they can wait until the value is there. */
const POSTPONED = new Set(
  `base64_decode base64_encode cgi_escape downcase escape escape_once json jsonify lstrip rstrip strip strip_newlines
   upcase uri_escape url_decode url_encode xml_escape`
    .trim()
    .split(/\s+/),
);
/** Filters that leave a text whole. */
const KEEP = new Set(["append", "default", "prepend", "raw"]);

const mayHold = (text: string): boolean => text.includes(SECRET_PREFIX) || text.includes(LATER);

/** @throws RangeError when filters upon filters make it too long */
const postpone = ({ filter, value, args }: Postponed): string => {
  const hex = Buffer.from(JSON.stringify([filter, value, ...args])).toString("hex");
  if (hex.length > MAX_FORM_LENGTH) throw new RangeError("what is to be made of a secret is too long");
  return `${LATER}${hex}z`;
};

/** Undefined for what only looks so. */
const postponedOf = (form: string): Postponed | undefined => {
  try {
    const [filter, value, ...args] = JSON.parse(Buffer.from(form.slice(LATER.length, -1), "hex").toString()) as Json[];
    return typeof filter === "string" && POSTPONED.has(filter) && value !== undefined
      ? { filter, value, args }
      : undefined;
  } catch {
    return undefined;
  }
};

type Forms = { name(id: string): string; later(postponed: Postponed): string };

/** The text with what `forms` say in place of each. */
export const replaceSecrets = (text: string, forms: Forms): string =>
  !mayHold(text)
    ? text
    : text.replace(FORM, (form) => {
        if (form.startsWith(SECRET_PREFIX)) return forms.name(form.slice(SECRET_PREFIX.length));
        const postponed = postponedOf(form);
        return postponed ? forms.later(postponed) : form;
      });

/** Tells ids of the secrets that stand in it, also in what is postponed, some more than once. */
export const eachSecret = (value: Json, tell: (id: string) => void): void => {
  if (typeof value === "string")
    replaceSecrets(value, {
      name: (id) => {
        tell(id);
        return "";
      },
      later: ({ value: inner, args }) => {
        eachSecret([inner, ...args], tell);
        return "";
      },
    });
  else if (Array.isArray(value)) for (const one of value) eachSecret(one, tell);
  else if (isJsonObject(value))
    for (const [key, inner] of Object.entries(value)) {
      eachSecret(key, tell);
      eachSecret(inner, tell);
    }
};

/** Whether a text holds a secret of a run, which are those that its variables hold: what somebody typed that looks so is none. */
export type HoldsSecret = (text: string) => boolean;

/** `variables` are read when they are needed, once. */
export const secretsIn = (variables: () => Iterable<Json>): HoldsSecret => {
  let own: Set<string> | undefined;
  return (text) => {
    if (!mayHold(text)) return false;
    if (!own) {
      own = new Set();
      for (const value of variables()) eachSecret(value, (id) => own!.add(id));
    }
    let holds = false;
    if (own.size > 0) eachSecret(text, (id) => (holds ||= own!.has(id)));
    return holds;
  };
};

type Filtering = { holds: HoldsSecret; apply(): unknown /** Counts what is touched. */; charge(units: number): void };

/**
 * A filter's result, which may have met a secret: then what is to be done later, or what it makes of a text that stays whole.
 * @throws Error for one that would make something of the name
 */
export const filterSecret = (
  filter: string,
  value: unknown,
  args: unknown[],
  { holds, apply, charge }: Filtering,
): unknown => {
  if (typeof value === "string") {
    if (!holds(value) || KEEP.has(filter)) return apply();
    if (!POSTPONED.has(filter)) throw new Error(refusal(filter));
    charge(value.length);
    return postpone({ filter, value, args: args as Json[] });
  }
  const made = apply();
  if (typeof made !== "string" || !POSTPONED.has(filter) || !holds(made)) return made;
  return postpone({ filter, value: JSON.parse(JSON.stringify(value)), args: args as Json[] });
};

/** What the error of a filter says that would have the value. */
export const REFUSES_SECRET = "a secret cannot pass the filter";

const refusal = (filter: string): string =>
  `${REFUSES_SECRET} '${filter}'; save what it would make as a secret of its own, or use the secret in code`;
