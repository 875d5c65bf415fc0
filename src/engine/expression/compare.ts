// How two JSON values compare: the few total functions that every operator is made of. Nothing here knows an operator's name.
import type { Json } from "../../lib/json.ts";
import { isJsonObject, own } from "../../lib/json.ts";
import { instantOf } from "./instant.ts";

/** Plain decimal notation, as CSV files and forms hold numbers. */
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** A finite number, or the text of one ("10", "-2.5"). */
export const numberOf = (value: unknown): number | undefined => {
  const number = typeof value === "string" && DECIMAL.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
};

/** Texts, and numbers and booleans as JSON writes them; lists, objects and null have no text. */
export const textOf = (value: Json | undefined): string | undefined => {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
};

/** No value at all: missing, null, "", [] or {}. 0 and false are values. */
export const isEmpty = (value: Json | undefined): boolean => {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
};

/**
 * Folds letters that differ only in case into one form, for any script and without a locale: upper-casing the lower-cased
 * text makes ß equal SS and ς equal σ, and the dot that Turkish İ leaves behind is dropped, so i, I, ı and İ are one letter.
 * Composed and compatibility forms (é, Arabic presentation forms, full width) become one by NFKC.
 */
export const foldCase = (text: string): string =>
  text.normalize("NFKC").toLowerCase().toUpperCase().replaceAll("I\u0307", "I").normalize("NFKC");

/** The same JSON value; the order of an object's keys does not matter. Walks without recursion: depth is no limit. */
export const isSameJson = (left: Json | undefined, right: Json | undefined): boolean => {
  const pending: [Json | undefined, Json | undefined][] = [[left, right]];
  for (let pair = pending.pop(); pair; pair = pending.pop()) {
    const [a, b] = pair;
    if (a === b) continue;
    if (typeof a !== "object" || typeof b !== "object" || !a || !b || Array.isArray(a) !== Array.isArray(b))
      return false;
    const keys = Object.keys(a);
    if (keys.length !== Object.keys(b).length) return false;
    for (const key of keys) {
      if (!Object.hasOwn(b, key)) return false;
      pending.push([own(a, key), own(b, key)]);
    }
  }
  return true;
};

/** The same JSON value, or a number and the text of the same number: 10 equals "10", while "10" and "10.0" differ. */
export const isEqual = (left: Json | undefined, right: Json | undefined): boolean => {
  if (typeof left === "number" ? typeof right === "string" : typeof left === "string" && typeof right === "number") {
    return numberOf(left) !== undefined && numberOf(left) === numberOf(right);
  }
  return isSameJson(left, right);
};

/**
 * Below zero when `left` comes first, zero for equals, above when it comes later. Numbers (and their texts) order as numbers, what are
 * both instants orders in time; anything else has no order.
 */
export const orderOf = (left: Json | undefined, right: Json | undefined): number | undefined => {
  const numbers = [numberOf(left), numberOf(right)] as const;
  if (numbers[0] !== undefined && numbers[1] !== undefined) return numbers[0] - numbers[1];
  return timeOrderOf(left, right);
};

/** As `orderOf`, both read as instants only. */
export const timeOrderOf = (left: Json | undefined, right: Json | undefined): number | undefined => {
  const instants = [instantOf(left), instantOf(right)] as const;
  return instants[0] === undefined || instants[1] === undefined ? undefined : instants[0] - instants[1];
};

/** Steps from a value down to its deepest part, counted without recursion; stops counting past `limit`. */
export const depthOf = (value: Json, limit: number): number => {
  let level: Json[] = [value];
  for (let depth = 0; ; depth++) {
    level = level.flatMap((item) => (Array.isArray(item) ? item : isJsonObject(item) ? Object.values(item) : []));
    if (level.length === 0 || depth > limit) return depth;
  }
};
