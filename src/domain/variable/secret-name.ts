// What stands for a secret's value wherever a run is kept, shown or told: a name that nobody can guess, and from which nothing follows. Filters of
// templates leave it as it is, and so does a URL. Pure.
import { newId } from "../../lib/ids.ts";
import { isJsonObject, type Json } from "../../lib/json.ts";

const PREFIX = "sb_secret_";
const NAME = /sb_secret_[0-9a-f]{32}/g;
/** A filter may have changed its case: it opens nothing then, and would still tell its name. */
const SHOWN_NAME = /sb_secret_[0-9a-f]{32}/gi;

/** PERSISTED CONTRACT: definitions and journals hold it. */
export const secretNameOf = (secretId: string): string => PREFIX + secretId;

/** In hex, which URLs leave as it is; of two ids what nobody can guess, 124 bits. */
export const newSecretId = (): string => [newId(), newId()].map((id) => id.replaceAll("-", "").slice(16)).join("");

export const hideSecretNames = (text: string, shown: string): string => text.replace(SHOWN_NAME, shown);

/** Ids of the secrets that stand in it, once each. */
export const secretIdsIn = (value: Json): string[] => {
  const found = new Set<string>();
  const look = (one: Json): void => {
    if (typeof one === "string") {
      if (one.includes(PREFIX)) for (const [name] of one.matchAll(NAME)) found.add(name.slice(PREFIX.length));
    } else if (Array.isArray(one)) one.forEach(look);
    else if (isJsonObject(one))
      for (const [key, inner] of Object.entries(one)) {
        look(key);
        look(inner);
      }
  };
  look(value);
  return [...found];
};

/** Every text in it, keys left alone. */
export const mapTexts = <T extends Json>(value: T, change: (text: string) => string): T => {
  const map = (one: Json): Json => {
    if (typeof one === "string") return change(one);
    if (Array.isArray(one)) return one.map(map);
    return isJsonObject(one) ? Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, map(inner)])) : one;
  };
  return map(value) as T;
};

/** With the values in place of their names. */
export const filled = <T extends Json>(value: T, values: ReadonlyMap<string, string>): T =>
  mapTexts(value, (text) =>
    text.includes(PREFIX) ? text.replace(NAME, (name) => values.get(name.slice(PREFIX.length)) ?? name) : text,
  );
