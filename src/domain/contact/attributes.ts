// What a contact's attributes may be, and how a change is merged into them. Pure.
import { isForbiddenKey, isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import { isLine } from "../../lib/plain-text.ts";
import type { FieldProblem } from "../errors.ts";

const MAX_ATTRIBUTES = 200;
const MAX_NAME_CHARACTERS = 100;
/** As JSON, in UTF-8. Every value has rows in the index of facts: what is larger is a document, and no attribute. */
export const MAX_BYTES = 32_768;
/** Elements of one list; each has rows of its own. */
const MAX_ELEMENTS = 100;

/** RFC 7396, in a new object: null removes, at any depth; the names stay in their order. */
export const mergeAttributes = (before: JsonObject, patch: JsonObject): JsonObject => {
  const merged: JsonObject = { ...before };
  for (const [name, value] of Object.entries(patch)) {
    if (isForbiddenKey(name)) continue;
    if (value === null) delete merged[name];
    else if (isJsonObject(value)) {
      const old = Object.hasOwn(merged, name) ? merged[name] : undefined;
      merged[name] = mergeAttributes(isJsonObject(old) ? old : {}, value);
    } else merged[name] = value;
  }
  return merged;
};

/** What is wrong with whole attributes, by `attributes.<name>`; empty when nothing is. */
export const problemsOfAttributes = (attributes: JsonObject): FieldProblem[] => {
  const names = Object.keys(attributes);
  if (names.length > MAX_ATTRIBUTES) {
    return [{ field: "attributes", message: `A contact may have at most ${MAX_ATTRIBUTES} attributes.` }];
  }
  const problems = names.flatMap((name) => problemOf(name, attributes[name]!) ?? []);
  if (problems.length > 0) return problems;
  const bytes = Buffer.byteLength(JSON.stringify(attributes));
  return bytes > MAX_BYTES
    ? [
        {
          field: "attributes",
          message: `A contact's attributes may have at most ${MAX_BYTES} bytes; these have ${bytes}.`,
        },
      ]
    : [];
};

const problemOf = (name: string, value: Json): FieldProblem | undefined => {
  const field = `attributes.${name}`;
  if (!isName(name)) {
    return {
      field: "attributes",
      message: `A name has 1 to ${MAX_NAME_CHARACTERS} characters of text: ${JSON.stringify(name.slice(0, 40))}.`,
    };
  }
  if (isForbiddenKey(name)) return { field, message: "Not an allowed name." };
  if (!isText(value)) return { field, message: "Has characters that are not text." };
  if (Array.isArray(value) && value.length > MAX_ELEMENTS) {
    return { field, message: `A list may have at most ${MAX_ELEMENTS} elements.` };
  }
  return undefined;
};

const isName = (name: string): boolean => name.trim() !== "" && name.length <= MAX_NAME_CHARACTERS && isLine(name);

/** SQLite's texts end at a NUL, and half a surrogate pair has no UTF-8. */
const isText = (value: Json): boolean => {
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\u0000");
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, one]) => isText(name) && isText(one));
};
