// The table of comparison operators: what each needs, which values it takes, what it means. How values compare is in compare.ts.
import type { Json } from "../../lib/json.ts";
import { depthOf, foldCase, isEmpty, isEqual, numberOf, orderOf, textOf, timeOrderOf } from "./compare.ts";
import { instantOf } from "./instant.ts";
import { checkPattern, testPattern } from "./regex.ts";

/*
 * In this table "missing" is a field that is not there, "absent" is missing or null. Every `not_x` is true exactly when `x` is false,
 * so it matches a missing field; nothing else but `is_empty` and `not_exists` does.
 *
 * | operator                  | value                     | matches when the field                                               |
 * | ------------------------- | ------------------------- | -------------------------------------------------------------------- |
 * | equals                    | any JSON                  | is the same JSON, or a number and the text of that number ("10", 10) |
 * | contains                  | text, number, boolean     | is a list with an equal element, or a text with this part            |
 * | icontains                 | text, number              | as contains, upper and lower case alike in any script                |
 * | starts_with, ends_with    | text, number              | is a text that starts, ends so                                       |
 * | greater, …_or_equal, less | number, instant           | and the value are both numbers, or both instants, in that order      |
 * | between                   | [low, high]               | is greater_or_equal low and less_or_equal high                       |
 * | before, after             | instant                   | is an instant before, after                                          |
 * | in                        | list                      | equals an element, or is a list of which one element does            |
 * | exists                    | none                      | is not absent                                                        |
 * | is_empty                  | none                      | is absent, "", [] or {}                                              |
 * | regex                     | RE2 pattern               | is a text in which the pattern is found                              |
 *
 * Numbers may be text in plain decimal notation. Numbers and booleans are texts as JSON writes them. Instants: see instant.ts, and
 * "now" as a value. Case matters except in icontains. A value of the wrong shape matches nothing.
 */

/** `actual` is undefined when the field is missing. Total: any JSON on either side gives an answer. */
type Test = (actual: Json | undefined, expected: Json, now: number) => boolean;

export type Operator = {
  needsValue: boolean;
  /** What is wrong with the value; undefined when nothing is. */
  checkValue: (value: Json) => string | undefined;
  test: Test;
};

const MAX_LIST = 1000;
const MAX_VALUE_DEPTH = 20;

const isText = (value: Json) => typeof value === "string" || typeof value === "number";
const isInstant = (value: Json) => value === "now" || instantOf(value) !== undefined;
const isOrdered = (value: Json) => numberOf(value) !== undefined || isInstant(value);
const unless = (holds: boolean, message: string) => (holds ? undefined : message);

const anyValue = (value: Json) =>
  unless(depthOf(value, MAX_VALUE_DEPTH) <= MAX_VALUE_DEPTH, `The value nests deeper than ${MAX_VALUE_DEPTH} levels.`);
const scalar = (value: Json) =>
  unless(isText(value) || typeof value === "boolean", "A text, number or boolean is needed.");
const text = (value: Json) => unless(isText(value), "A text is needed.");
const ordered = (value: Json) => unless(isOrdered(value), "A number, an ISO 8601 date or time, or now is needed.");
const instant = (value: Json) =>
  unless(isInstant(value), "An ISO 8601 date or time, an epoch number or now is needed.");
const pattern = (value: Json) => {
  if (typeof value !== "string") return "A pattern is needed.";
  const checked = checkPattern(value);
  return checked.ok ? undefined : checked.error;
};
const list = (value: Json) => {
  if (!Array.isArray(value)) return "A list is needed.";
  if (value.length === 0) return "The list is empty.";
  return value.length > MAX_LIST ? `The list has more than ${MAX_LIST} elements.` : anyValue(value);
};
const range = (value: Json) => {
  if (!Array.isArray(value) || value.length !== 2 || !value.every(isOrdered)) {
    return "[low, high] is needed: two numbers, or two ISO 8601 dates or times.";
  }
  if (value.includes("now")) return undefined;
  const order = orderOf(value[0], value[1]);
  return unless(order !== undefined && order <= 0, "[low, high] is needed, the low one first.");
};

const momentOf = (value: Json, now: number): Json => (value === "now" ? now : value);

const ordering =
  (order: typeof orderOf, holds: (difference: number) => boolean): Test =>
  (actual, expected, now) => {
    const difference = order(actual, momentOf(expected, now));
    return difference !== undefined && holds(difference);
  };

const atLeast = ordering(orderOf, (difference) => difference >= 0);
const atMost = ordering(orderOf, (difference) => difference <= 0);

const ofTexts =
  (holds: (actual: string, expected: string) => boolean): Test =>
  (actual, expected) => {
    const texts = [textOf(actual), textOf(expected)] as const;
    return texts[0] !== undefined && texts[1] !== undefined && holds(texts[0], texts[1]);
  };

const equals: Test = (actual, expected) => actual !== undefined && isEqual(actual, expected);
const exists: Test = (actual) => actual !== undefined && actual !== null;
const hasPart = ofTexts((actual, expected) => actual.includes(expected));
const hasPartFolded = ofTexts((actual, expected) => foldCase(actual).includes(foldCase(expected)));
const equalsFolded = ofTexts((actual, expected) => foldCase(actual) === foldCase(expected));

const contains: Test = (actual, expected, now) =>
  Array.isArray(actual) ? actual.some((item) => isEqual(item, expected)) : hasPart(actual, expected, now);
const icontains: Test = (actual, expected, now) =>
  Array.isArray(actual)
    ? actual.some((item) => equalsFolded(item, expected, now))
    : hasPartFolded(actual, expected, now);

const isIn: Test = (actual, expected, now) => {
  if (!Array.isArray(expected)) return false;
  const candidates = Array.isArray(actual) ? [actual, ...actual] : [actual];
  return candidates.some((candidate) => expected.some((item) => equals(candidate, item, now)));
};

const between: Test = (actual, expected, now) =>
  Array.isArray(expected) &&
  expected.length === 2 &&
  atLeast(actual, expected[0] as Json, now) &&
  atMost(actual, expected[1] as Json, now);

const takes = (checkValue: Operator["checkValue"], test: Test): Operator => ({ needsValue: true, checkValue, test });
const takesNone = (test: Test): Operator => ({ needsValue: false, checkValue: () => undefined, test });
const not = ({ needsValue, checkValue, test }: Operator): Operator => ({
  needsValue,
  checkValue,
  test: (actual, expected, now) => !test(actual, expected, now),
});

const positive = {
  equals: takes(anyValue, equals),
  contains: takes(scalar, contains),
  icontains: takes(text, icontains),
  starts_with: takes(
    text,
    ofTexts((actual, expected) => actual.startsWith(expected)),
  ),
  ends_with: takes(
    text,
    ofTexts((actual, expected) => actual.endsWith(expected)),
  ),
  greater: takes(
    ordered,
    ordering(orderOf, (difference) => difference > 0),
  ),
  greater_or_equal: takes(ordered, atLeast),
  less: takes(
    ordered,
    ordering(orderOf, (difference) => difference < 0),
  ),
  less_or_equal: takes(ordered, atMost),
  in: takes(list, isIn),
  exists: takesNone(exists),
  is_empty: takesNone(isEmpty),
  before: takes(
    instant,
    ordering(timeOrderOf, (difference) => difference < 0),
  ),
  after: takes(
    instant,
    ordering(timeOrderOf, (difference) => difference > 0),
  ),
  between: takes(range, between),
  regex: takes(
    pattern,
    ofTexts((actual, expected) => testPattern(expected, actual)),
  ),
} satisfies Record<string, Operator>;

export const operators = {
  ...positive,
  not_equals: not(positive.equals),
  not_contains: not(positive.contains),
  not_in: not(positive.in),
  not_exists: not(positive.exists),
} as const satisfies Record<string, Operator>;

/** PERSISTED CONTRACT: the names are stored in conditions. */
export type OperatorName = keyof typeof operators;

export const OPERATOR_NAMES = Object.keys(operators) as readonly OperatorName[];

export const isOperatorName = (name: string): name is OperatorName => Object.hasOwn(operators, name);
