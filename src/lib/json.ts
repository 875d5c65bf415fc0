// JSON values and the few safe operations on them. Nothing here knows a domain word.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Keys that would reach a prototype if they were ever assigned to a plain object. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

export const isForbiddenKey = (key: string): boolean => FORBIDDEN_KEYS.has(key);

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The own property `key` of an object or array, or undefined. Never walks a prototype. */
export const own = (value: unknown, key: string | number): Json | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string | number, Json>)[key] : undefined;
};

/** The value at a dotted path (`a.b.0.c`), own properties only; undefined when any part is missing. */
export const pathOf = (value: unknown, path: string | readonly string[]): Json | undefined => {
  let current: unknown = value;
  for (const key of typeof path === "string" ? path.split(".") : path) {
    current = own(current, key);
    if (current === undefined) return undefined;
  }
  return current as Json;
};

/** Shallow merge of own keys into a new object; keys that reach a prototype are left out. */
export const mergeOwn = (...sources: (JsonObject | undefined)[]): JsonObject => {
  const merged: JsonObject = {};
  for (const source of sources) {
    if (!source) continue;
    for (const key of Object.keys(source)) if (!isForbiddenKey(key)) merged[key] = source[key] as Json;
  }
  return merged;
};

/** The same value with object keys sorted, so that equal values have equal texts. */
export const canonicalJson = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isJsonObject(value)) {
    const parts = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as Json)}`);
    return `{${parts.join(",")}}`;
  }
  return JSON.stringify(value);
};
