// A segment's conditions as a question to the index of facts and to the contact's own columns. Which SQL asks it is db/queries/segments.ts.

import type { FactTest, SegmentQuery } from "../../db/queries/segments.ts";
import { numberOf, textOf } from "../../engine/expression/compare.ts";
import type { Condition, ConditionTree } from "../../engine/expression/condition-tree.ts";
import { isGroup } from "../../engine/expression/condition-tree.ts";
import { instantOf } from "../../engine/expression/instant.ts";
import type { OperatorName } from "../../engine/expression/operators.ts";
import { canonicalJson, type Json } from "../../lib/json.ts";
import { sortable } from "./facts.ts";

export const ATTRIBUTES = "attributes.";

const NEVER: SegmentQuery = { any: [] };
const not = (of: SegmentQuery): SegmentQuery => ({ not: of });
const any = (...of: SegmentQuery[]): SegmentQuery => ({ any: of });

/** Facts of exactly the values that equal `expected` (compare.ts isEqual). */
const equalFacts = (expected: Json): string[] => {
  if (typeof expected === "boolean") return [`b${expected}`];
  if (typeof expected === "number") return [`#${sortable(expected)}`];
  if (typeof expected !== "string") return expected === null ? [] : [`=${canonicalJson(expected)}`];
  const number = numberOf(expected);
  return number === undefined ? [`s${expected}`] : [`s${expected}`, `=${canonicalJson(number)}`];
};

type Bound = "greater" | "greater_or_equal" | "less" | "less_or_equal";

const range = (mark: string, bound: Bound, value: number): FactTest => {
  const edge = mark + sortable(value);
  const end = String.fromCharCode(mark.charCodeAt(0) + 1);
  if (bound === "greater") return { above: edge, below: end };
  if (bound === "greater_or_equal") return { from: edge, below: end };
  return bound === "less" ? { from: mark, below: edge } : { from: mark, upTo: edge };
};

/** As orderOf does it: numbers with numbers, else instants with instants. */
const ordered = (ask: (test: FactTest) => SegmentQuery, bound: Bound, expected: Json, now: number): SegmentQuery => {
  const moment = expected === "now" ? now : expected;
  const [number, instant] = [numberOf(moment), instantOf(moment)];
  const numbers = number === undefined ? NEVER : ask(range("#", bound, number));
  if (instant === undefined) return numbers;
  return number === undefined ? ask(range("@", bound, instant)) : any(numbers, ask(range("!", bound, instant)));
};

const timed = (ask: (test: FactTest) => SegmentQuery, bound: Bound, expected: Json, now: number): SegmentQuery => {
  const instant = instantOf(expected === "now" ? now : expected);
  return instant === undefined ? NEVER : ask(range("@", bound, instant));
};

/** Operators that a segment answers by the index alone. */
const positive = (
  operator: OperatorName,
  value: Json,
  now: number,
  ask: (test: FactTest) => SegmentQuery,
): SegmentQuery | undefined => {
  const text = textOf(value);
  const isAny = (expected: Json, mark = "") => any(...equalFacts(expected).map((fact) => ask({ is: mark + fact })));
  switch (operator) {
    case "equals":
      return isAny(value);
    case "in":
      return Array.isArray(value) ? any(...value.flatMap((one) => [isAny(one), isAny(one, "~")])) : NEVER;
    case "contains":
      return any(isAny(value, "~"), ...(text === undefined ? [] : [ask({ part: text })]));
    case "starts_with":
      return text === undefined ? NEVER : ask({ head: text });
    case "ends_with":
      return text === undefined ? NEVER : ask({ tail: text });
    case "exists":
      return ask({ any: true });
    case "greater":
    case "greater_or_equal":
    case "less":
    case "less_or_equal":
      return ordered(ask, operator, value, now);
    case "between":
      return Array.isArray(value)
        ? {
            all: [
              ordered(ask, "greater_or_equal", value[0] ?? null, now),
              ordered(ask, "less_or_equal", value[1] ?? null, now),
            ],
          }
        : NEVER;
    case "before":
      return timed(ask, "less", value, now);
    case "after":
      return timed(ask, "greater", value, now);
    default:
      return undefined;
  }
};

const NEGATED: Partial<Record<OperatorName, OperatorName>> = {
  not_equals: "equals",
  not_contains: "contains",
  not_in: "in",
  not_exists: "exists",
};

/** Operators without an index behind them: a segment that names one is refused when it is saved. */
export const isSegmentOperator = (operator: OperatorName): boolean => operator !== "icontains" && operator !== "regex";

const ofCondition = ({ field, operator, value = null }: Condition, now: number): SegmentQuery => {
  const ask = (test: FactTest): SegmentQuery =>
    field.startsWith(ATTRIBUTES) ? { attribute: field.slice(ATTRIBUTES.length), test } : { field, test };
  if (operator === "is_empty") return any(not(ask({ any: true })), ask({ is: "e" }));
  const inner = NEGATED[operator];
  const asked = positive(inner ?? operator, value, now, ask);
  if (!asked) throw new Error(`${operator} has no place in a segment`);
  return inner ? not(asked) : asked;
};

/** `now` (epoch ms) is what "now" means. The tree was checked; a group without conditions is everybody. */
export const planSegment = (tree: ConditionTree, now: number): SegmentQuery => {
  if (!isGroup(tree)) return ofCondition(tree, now);
  if (tree.conditions.length === 0) return { all: [] };
  const of = tree.conditions.map((child) => planSegment(child, now));
  if (tree.operator === "not") return not(of[0]!);
  return tree.operator === "or" ? { any: of } : { all: of };
};
