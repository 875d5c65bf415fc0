// What a contact's attributes come to in the index of facts: short texts, a row each, over which a segment is answered without reading contacts.
// They are made by the same functions with which the evaluator compares (engine/expression), so both give the same answer. PERSISTED CONTRACT.
import { numberOf, textOf } from "../../engine/expression/compare.ts";
import { instantOf } from "../../engine/expression/instant.ts";
import { canonicalJson, type Json, type JsonObject } from "../../lib/json.ts";

/*
 * | fact          | of a value that                                   |
 * | ------------- | ------------------------------------------------- |
 * | `s<text>`     | is a text or a number                             |
 * | `b<text>`     | is true or false                                  |
 * | `=<json>`     | is a number, a list or an object                  |
 * | `#<sortable>` | is a number, or the text of one                   |
 * | `@<sortable>` | is an instant (epoch ms)                          |
 * | `!<sortable>` | is an instant and no number (an ISO 8601 text)    |
 * | `~<fact>`     | is a list with an element of that fact            |
 * | `e`           | is "", [] or {}                                   |
 *
 * Every value has one at least; null and what is missing have none. How much a contact may hold is attributes.ts's (domain/contact).
 */

/** Sixteen hex digits that sort as the numbers do (IEEE 754 with its sign folded in). */
export const sortable = (value: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value === 0 ? 0 : value);
  const bits = view.getBigUint64(0);
  const folded = bits >> 63n === 1n ? ~bits & 0xffff_ffff_ffff_ffffn : bits | (1n << 63n);
  return folded.toString(16).padStart(16, "0");
};

/** The number whose text it is. */
export const unsortable = (text: string): number => {
  const folded = BigInt(`0x${text}`);
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, folded >> 63n === 1n ? folded ^ (1n << 63n) : ~folded & 0xffff_ffff_ffff_ffffn);
  return view.getFloat64(0);
};

const scalarFacts = (value: Json): string[] => {
  const facts: string[] = [];
  if (typeof value === "boolean") facts.push(`b${value}`);
  else if (typeof value === "object" && value !== null) facts.push(`=${canonicalJson(value)}`);
  else if (value !== null) {
    facts.push(`s${textOf(value)}`);
    if (typeof value === "number") facts.push(`=${canonicalJson(value)}`);
  }
  const number = numberOf(value);
  if (number !== undefined) facts.push(`#${sortable(number)}`);
  return facts;
};

const factsOf = (value: Json): string[] => {
  const facts = scalarFacts(value);
  const instant = instantOf(value);
  if (instant !== undefined) {
    facts.push(`@${sortable(instant)}`);
    if (numberOf(value) === undefined) facts.push(`!${sortable(instant)}`);
  }
  if (Array.isArray(value)) {
    for (const element of value) facts.push(...scalarFacts(element).map((fact) => `~${fact}`));
  }
  if (value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0)) facts.push("e");
  return [...new Set(facts)];
};

/** All facts of a contact, `[attribute, fact]`; the difference of two such lists is what an update writes. */
export const factsOfAttributes = (attributes: JsonObject): [name: string, fact: string][] =>
  Object.entries(attributes).flatMap(([name, value]) => factsOf(value).map((fact): [string, string] => [name, fact]));

/** The same as contacts keep it. */
export const factsText = (attributes: JsonObject): string => JSON.stringify(factsOfAttributes(attributes));
