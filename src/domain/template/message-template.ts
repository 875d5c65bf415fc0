// Texts of campaigns: `Hi {name}!`, `Hi {name|there}!`. One pass, names from the contact; nothing here loops or compares (that is Liquid's, in
// workflows).
import { isForbiddenKey, type Json, type JsonObject, own } from "../../lib/json.ts";
import { err, ok, type Result } from "../../lib/result.ts";

/** Longest text that a message may become, in characters: ten SMS segments. */
export const MAX_MESSAGE_CHARACTERS = 1_600;

const VARIABLE = /\{([A-Za-z_][A-Za-z0-9_.-]{0,63})(?:\|([^{}]*))?\}/g;

/** Names in the order of their first use. Anything else in braces is text: `{ x }`, `{}`, JSON. */
export const variablesOf = (content: string): string[] => [
  ...new Set([...content.matchAll(VARIABLE)].map(([, name]) => name!)),
];

/** Those of them that stand somewhere without a default: what a contact must have. */
export const neededBy = (content: string): string[] => [
  ...new Set(
    [...content.matchAll(VARIABLE)].flatMap(([, name, otherwise]) => (otherwise === undefined ? [name!] : [])),
  ),
];

/** Scalars as people write them; lists and objects have no place in a sentence. */
const textOf = (value: Json | undefined): string | undefined => {
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
};

/** The text for one contact, or the names that it has no value for. A value that holds braces stays text. */
export const renderMessage = (content: string, values: JsonObject): Result<string, { missing: string[] }> => {
  const missing = new Set<string>();
  const text = content.replace(VARIABLE, (_, name: string, otherwise: string | undefined) => {
    const value = isForbiddenKey(name) ? undefined : textOf(own(values, name));
    if (value === undefined && otherwise === undefined) missing.add(name);
    return value ?? otherwise ?? "";
  });
  return missing.size === 0 ? ok(text) : err({ missing: [...missing] });
};
