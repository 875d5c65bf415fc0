// A segment's conditions as a question to the index of facts and to the contact's own columns. Which SQL asks it is db/queries/segment-sql.ts.
import type { FactTest, RangeTest, SegmentQuery, TextTest, TimeTest } from "../../db/queries/segment-sql.ts";
import { numberOf, textOf } from "../../engine/expression/compare.ts";
import type { Condition, ConditionTree } from "../../engine/expression/condition-tree.ts";
import { isGroup } from "../../engine/expression/condition-tree.ts";
import { instantOf } from "../../engine/expression/instant.ts";
import type { OperatorName } from "../../engine/expression/operators.ts";
import { canonicalJson, type Json } from "../../lib/json.ts";
import { sortable, unsortable } from "./facts.ts";

/** Fields are `attributes.<name>`, and columns of the contact. */
const ATTRIBUTES = "attributes.";
export const COLUMNS = ["consent_state", "created_at", "tags", "phone"] as const;

const NEVER: SegmentQuery = { any: [] };
const not = (of: SegmentQuery): SegmentQuery => ({ not: of });
const isNever = (query: SegmentQuery): boolean => "any" in query && query.any.length === 0;
/** What nobody meets is left out: alternatives cost, even those. */
const any = (...of: SegmentQuery[]): SegmentQuery => {
  const some = of.filter((one) => !isNever(one));
  return some.length === 1 ? some[0]! : { any: some };
};

/** Facts of exactly the values that equal `expected` (compare.ts isEqual). */
const equalFacts = (expected: Json): string[] => {
  if (typeof expected === "boolean") return [`b${expected}`];
  if (typeof expected === "number") return [`#${sortable(expected)}`];
  if (typeof expected !== "string") return expected === null ? [] : [`=${canonicalJson(expected)}`];
  const number = numberOf(expected);
  return number === undefined ? [`s${expected}`] : [`s${expected}`, `=${canonicalJson(number)}`];
};

type Bound = "greater" | "greater_or_equal" | "less" | "less_or_equal";

const range = (mark: string, bound: Bound, value: number): RangeTest => {
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
  const among = (expected: Json[], ...marks: string[]) => {
    const is = [...new Set(expected.flatMap(equalFacts).flatMap((fact) => marks.map((mark) => mark + fact)))];
    return is.length === 0 ? NEVER : ask({ is });
  };
  switch (operator) {
    case "equals":
      return among([value], "");
    case "in":
      return Array.isArray(value) ? among(value, "", "~") : NEVER;
    case "contains":
      return any(among([value], "~"), ...(text === undefined ? [] : [ask({ part: text })]));
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

/** A column is a text: of the facts of a value only `s…` can be its own. */
const textTest = (test: TextTest): TextTest =>
  "is" in test ? { is: test.is.flatMap((fact) => (fact.startsWith("s") ? [fact.slice(1)] : [])) } : test;

const isRange = (test: FactTest): test is RangeTest =>
  "from" in test || "above" in test || "below" in test || "upTo" in test;

/** Ranges of instants, in epoch ms; those of numbers hold no instant. The end of a mark is no bound. */
const timeTest = (test: RangeTest): TimeTest | undefined => {
  const bounds = Object.entries(test).filter(([, fact]) => fact !== undefined) as [keyof RangeTest, string][];
  if (!bounds.some(([, fact]) => fact.startsWith("@") || fact.startsWith("!"))) return undefined;
  return Object.fromEntries(
    bounds.flatMap(([side, fact]) => (fact.length === 17 ? [[side, unsortable(fact.slice(1))]] : [])),
  );
};

const ofColumn = (field: string, test: FactTest): SegmentQuery => {
  if (isRange(test)) {
    const createdAt = field === "created_at" ? timeTest(test) : undefined;
    return createdAt ? { createdAt } : NEVER;
  }
  switch (field) {
    case "consent_state":
      return { consent: textTest(test) };
    case "created_at":
      return { createdAt: textTest(test) };
    case "phone":
      return { phone: textTest(test) };
    case "tags":
      return ofTags(test);
    default:
      throw new Error(`${field} has no place in a segment`);
  }
};

/** A list of texts: it contains an element, or is there. Without tags it is not. */
const ofTags = (test: TextTest): SegmentQuery => {
  if ("any" in test) return { tag: test };
  if (!("is" in test)) return NEVER;
  return { tag: { is: test.is.flatMap((fact) => (fact.startsWith("~s") ? [fact.slice(2)] : [])) } };
};

const ofCondition = ({ field, operator, value = null }: Condition, now: number): SegmentQuery => {
  const ask = (test: FactTest): SegmentQuery =>
    field.startsWith(ATTRIBUTES) ? { attribute: field.slice(ATTRIBUTES.length), test } : ofColumn(field, test);
  if (operator === "is_empty") return any(not(ask({ any: true })), ask({ is: ["e"] }));
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
