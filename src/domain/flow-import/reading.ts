// Reads fields of a document that anybody may have written: own properties only, and a wrong type reads as missing.
import { isJsonObject, type Json, type JsonObject, own } from "../../lib/json.ts";

export const textAt = (value: unknown, key: string): string => {
  const found = own(value, key);
  if (typeof found === "number") return String(found);
  return typeof found === "string" ? found : "";
};

export const numberAt = (value: unknown, key: string): number | undefined => {
  const found = own(value, key);
  const number = typeof found === "string" && found.trim() !== "" ? Number(found) : found;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
};

export const objectAt = (value: unknown, key: string): JsonObject => {
  const found = own(value, key);
  return isJsonObject(found) ? found : {};
};

/** The objects of the list at `key` with their places in it; anything else in the list is left out. */
export const objectsAt = (value: unknown, key: string): { item: JsonObject; index: number }[] => {
  const found = own(value, key);
  if (!Array.isArray(found)) return [];
  return found.flatMap((item: Json, index) => (isJsonObject(item) ? [{ item, index }] : []));
};

export const isTrueAt = (value: unknown, key: string): boolean => own(value, key) === true;
