// Bytes from outside -> JSON, refusing what only an attacker sends: broken UTF-8, endless depth, endless keys, infinite numbers.
// How many bytes may come at all is counted while they are read, in api/shared.
import { isForbiddenKey, type Json } from "./json.ts";
import { isLine } from "./plain-text.ts";
import { err, ok, type Result } from "./result.ts";

export const MAX_JSON_DEPTH = 100;
/** Members of all objects and elements of all arrays together. */
export const MAX_JSON_VALUES = 200_000;

/** `path` is dotted from the root, "" for the text as a whole. */
export type JsonFault = { path: string; message: string };

/**
 * `keys`: which may be there. `safe`: none that could reach a prototype, which without it stays a plain own property; `names`: none with control
 * characters either, for bodies that become definitions, settings or variables.
 */
export type JsonTerms = { keys?: "safe" | "names" };

export const parseJson = (bytes: Uint8Array, options: JsonTerms = {}): Result<Json, JsonFault> => {
  let value: Json;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    value = JSON.parse(text) as Json;
  } catch (error) {
    const message = error instanceof SyntaxError ? "is not valid JSON" : "is not valid UTF-8";
    return err({ path: "", message });
  }
  const fault = judgeJson(value, options);
  return fault ? err(fault) : ok(value);
};

// `1e999` is JSON, and Infinity is not: what cannot be written as it was read would be another value after the first storing.
const NO_NUMBER = "is a number that is too large";
const isNoNumber = (value: Json): boolean => typeof value === "number" && !Number.isFinite(value);

type Place = { value: Json; key: string; parent: Place | undefined; depth: number };

const pathTo = (place: Place | undefined, key?: string): string => {
  const keys = key === undefined ? [] : [key];
  for (let at = place; at?.parent; at = at.parent) keys.unshift(at.key);
  return keys.slice(0, 10).join(".");
};

/** The same laws for JSON that came another way than as text. */
export const judgeJson = (root: Json, { keys }: JsonTerms = {}): JsonFault | undefined => {
  if (isNoNumber(root)) return { path: "", message: NO_NUMBER };
  const open: Place[] = [{ value: root, key: "", parent: undefined, depth: 0 }];
  let count = 0;
  for (let place = open.pop(); place; place = open.pop()) {
    if (typeof place.value !== "object" || place.value === null) continue;
    if (place.depth >= MAX_JSON_DEPTH)
      return { path: pathTo(place), message: `is nested deeper than ${MAX_JSON_DEPTH} levels` };
    for (const [key, value] of Object.entries(place.value)) {
      if (++count > MAX_JSON_VALUES) return { path: "", message: `has more than ${MAX_JSON_VALUES} values` };
      if (
        keys !== undefined &&
        !Array.isArray(place.value) &&
        (isForbiddenKey(key) || (keys === "names" && !isLine(key)))
      ) {
        return { path: pathTo(place, key), message: "is not an allowed name" };
      }
      if (isNoNumber(value)) return { path: pathTo(place, key), message: NO_NUMBER };
      if (typeof value === "object" && value !== null) open.push({ value, key, parent: place, depth: place.depth + 1 });
    }
  }
  return undefined;
};
