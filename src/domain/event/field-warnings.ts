// Whether an event's data are what its type says of them. Pure. What is not is accepted all the same, and the log says so: who sends events should
// not lose one for a wrong type.
import { isJsonObject, type Json, type JsonObject, own } from "../../lib/json.ts";

/** PERSISTED CONTRACT: events.warnings. `field`: a path in the event. */
export type FieldWarning = { field: string; message: string };

/** Nobody reads more of them. */
const MAX_WARNINGS = 50;

const isInstant = (value: Json): boolean => typeof value === "string" && /^\d{4}-/.test(value) && isTime(value);
const isTime = (text: string): boolean => !Number.isNaN(Date.parse(text));

/** By the words that event types describe their fields with; a word that is none of these allows anything. */
const KINDS: Record<string, { holds: (value: Json) => boolean; words: string }> = {
  string: { holds: (value) => typeof value === "string", words: "text" },
  text: { holds: (value) => typeof value === "string", words: "text" },
  number: { holds: (value) => typeof value === "number", words: "a number" },
  float: { holds: (value) => typeof value === "number", words: "a number" },
  integer: { holds: Number.isInteger, words: "a whole number" },
  boolean: { holds: (value) => typeof value === "boolean", words: "true or false" },
  datetime: { holds: isInstant, words: "a date and time in ISO 8601" },
  date: { holds: isInstant, words: "a date in ISO 8601" },
  array: { holds: Array.isArray, words: "a list" },
  list: { holds: Array.isArray, words: "a list" },
  object: { holds: isJsonObject, words: "an object" },
};

/** `fields`: the type of each field by name. A field that is missing or null is no fault, nor is one that the type does not know. */
export const fieldWarnings = (data: JsonObject, fields: { [name: string]: string }): FieldWarning[] =>
  Object.entries(fields)
    .flatMap(([name, type]) => {
      const value = own(data, name) ?? null;
      const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
      if (value === null || kind === undefined || kind.holds(value)) return [];
      return [{ field: `event.data.${name}`, message: `Should be ${kind.words}.` }];
    })
    .slice(0, MAX_WARNINGS);
