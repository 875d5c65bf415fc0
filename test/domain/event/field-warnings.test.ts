// Which fields of an event are not what its type says.
import { expect, it } from "vitest";
import { fieldWarnings } from "../../../src/domain/event/field-warnings.ts";

const FIELDS = {
  content: "string",
  amount: "number",
  count: "integer",
  is_new: "boolean",
  at: "datetime",
  items: "array",
  address: "object",
  whatever: "any",
};

it("finds nothing wrong with what is right, missing, null or unknown", () => {
  const data = {
    ...{ content: "x", amount: 1.5, count: 2, is_new: false, at: "2024-01-01T10:00:00Z", items: [], address: {} },
    ...{ whatever: [1], unknown: 5 },
  };
  expect(fieldWarnings(data, FIELDS)).toEqual([]);
  expect(fieldWarnings({}, FIELDS)).toEqual([]);
  expect(fieldWarnings({ content: null, count: null }, FIELDS)).toEqual([]);
});

it("names each field that is of another type", () => {
  const data = { content: 1, amount: "1", count: 1.5, is_new: "true", at: "soon", items: {}, address: [], whatever: 1 };
  expect(fieldWarnings(data, FIELDS)).toEqual([
    { field: "event.data.content", message: "Should be text." },
    { field: "event.data.amount", message: "Should be a number." },
    { field: "event.data.count", message: "Should be a whole number." },
    { field: "event.data.is_new", message: "Should be true or false." },
    { field: "event.data.at", message: "Should be a date and time in ISO 8601." },
    { field: "event.data.items", message: "Should be a list." },
    { field: "event.data.address", message: "Should be an object." },
  ]);
});

it("is not led astray by names of what every object has", () => {
  expect(
    fieldWarnings(JSON.parse('{"__proto__": 1, "constructor": 1}'), { toString: "string", x: "constructor" }),
  ).toEqual([]);
});

it("ends somewhere", () => {
  const names = Array.from({ length: 200 }, (_, n) => `f${n}`);
  const data = Object.fromEntries(names.map((name) => [name, 1]));
  expect(fieldWarnings(data, Object.fromEntries(names.map((name) => [name, "string"])))).toHaveLength(50);
});
