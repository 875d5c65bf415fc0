// Why a condition did not hold, as people say it. What the operators mean is in operators.ts.
import type { Json } from "../../lib/json.ts";
import type { ConditionFailure } from "./condition.ts";
import type { OperatorName } from "./operators.ts";

/** Characters of a value that are shown. */
const MAX_SHOWN = 80;

const shown = (value: Json): string => {
  const text = JSON.stringify(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
};

/** What stands between the field and the value; what ends in a dot has no value. */
const WORDS: Record<OperatorName | "not", string> = {
  equals: "is not",
  contains: "does not contain",
  icontains: "does not contain",
  starts_with: "does not start with",
  ends_with: "does not end with",
  greater: "is not greater than",
  greater_or_equal: "is not at least",
  less: "is not less than",
  less_or_equal: "is not at most",
  in: "is none of",
  exists: "is not there.",
  is_empty: "is not empty.",
  before: "is not before",
  after: "is not after",
  between: "is not between",
  regex: "does not match",
  not_equals: "is",
  not_contains: "contains",
  not_in: "is one of",
  not_exists: "is there.",
  not: "is as it must not be.",
};

export const whyNot = ({ field, operator, expected }: ConditionFailure): string => {
  const words = WORDS[operator as OperatorName];
  return words.endsWith(".") ? `${field} ${words.slice(0, -1)}` : `${field} ${words} ${shown(expected)}`;
};
