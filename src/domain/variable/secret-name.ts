// What stands for a secret's value wherever a run is kept, shown or told: a name that nobody can guess, and from which nothing follows. What
// filters are to make of it stands there as well (engine/expression/secret-text.ts). Pure.
import { eachSecret, SECRET_PREFIX } from "../../engine/expression/secret-text.ts";
import { newId } from "../../lib/ids.ts";
import { isJsonObject, type Json } from "../../lib/json.ts";

/** In any case, and cut off as well: older runs let filters at it. */
const SHOWN = /sb_secret_[0-9a-f]{1,32}|sb_later_[0-9a-f]+z?/gi;

/** PERSISTED CONTRACT: definitions and journals hold it. */
export const secretNameOf = (secretId: string): string => SECRET_PREFIX + secretId;

/** In hex, which URLs leave as it is; of two ids what nobody can guess, 124 bits. */
export const newSecretId = (): string => [newId(), newId()].map((id) => id.replaceAll("-", "").slice(16)).join("");

export const hideSecretNames = (text: string, shown: string): string => text.replace(SHOWN, shown);

/** Ids of the secrets that stand in what is JSON, once each. */
export const secretIdsIn = (value: unknown): string[] => {
  const found = new Set<string>();
  eachSecret(value as Json, (id) => found.add(id));
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
