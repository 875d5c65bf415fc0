// Conditions between the source's operators and the flow's six: what can be said with them is, what comes near is told, the rest is not guessed at.
import type { ConditionType } from "./document.ts";
import { wordsOfPattern } from "./pattern.ts";
import type { Part } from "./report.ts";
import type { Piece, Words } from "./words.ts";

export type Operator =
  | "equal"
  | "not_equal"
  | "contains"
  | "not_contains"
  | "greater"
  | "greater_or_equal"
  | "less"
  | "less_or_equal"
  | "starts"
  | "not_starts"
  | "ends"
  | "any_of"
  | "none_of"
  | "set"
  | "empty"
  | "regex"
  | "not_regex";

export type Comparison = { flowConditionType: ConditionType; variable: string; value: string };
export type Test = boolean | Comparison | { all: Test[] } | { any: Test[] };

const NEGATIVE: ReadonlySet<ConditionType> = new Set(["NotEqual", "NotContains"]);

const NEAR: Partial<Record<Operator, string>> = {
  starts: "the flow asks whether the text stands anywhere in it, not only at the start",
  not_starts: "the flow asks whether the text stands nowhere in it, not only not at the start",
  ends: "the flow asks whether the text stands anywhere in it, not only at the end",
  regex: "the pattern is compared as the words that it consists of",
  not_regex: "the pattern is compared as the words that it consists of",
};

/** Ways to write a word, since a flow's comparisons tell upper from lower case: as it is, yes, YES and Yes. */
const spellings = (text: string): string[] => {
  const [lower, upper] = [text.toLowerCase(), text.toUpperCase()];
  const [first = ""] = lower;
  return [...new Set([text, lower, upper, first.toUpperCase() + lower.slice(first.length)])];
};

const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

/** The comparison in the flow's operators; undefined for a pattern that is more than words. */
const comparisonsOf = (operator: Operator, variable: string, value: string, anyCase: boolean): Test | undefined => {
  const is = (flowConditionType: ConditionType, text = value): Test => {
    const written = anyCase ? spellings(text) : [text];
    const tests = written.map((spelling) => ({ flowConditionType, variable, value: spelling }));
    return NEGATIVE.has(flowConditionType) ? { all: tests } : { any: tests };
  };
  switch (operator) {
    case "equal":
      return is("Equal");
    case "not_equal":
      return is("NotEqual");
    case "contains":
    case "starts":
    case "ends":
      return is("Contains");
    case "not_contains":
    case "not_starts":
      return is("NotContains");
    case "greater":
      return is("GreaterThan");
    case "less":
      return is("LessThan");
    case "greater_or_equal":
      return { any: [is("GreaterThan"), is("Equal")] };
    case "less_or_equal":
      return { any: [is("LessThan"), is("Equal")] };
    case "any_of":
      return { any: listOf(value).map((item) => is("Equal", item)) };
    case "none_of":
      return { all: listOf(value).map((item) => is("NotEqual", item)) };
    // What was never answered is no text at all, so it is neither equal nor unequal to the empty one: every text contains that, and nothing else does.
    case "set":
      return is("Contains", "");
    case "empty":
      return is("NotContains", "");
    case "regex":
    case "not_regex": {
      const pattern = wordsOfPattern(value);
      if (!pattern) return undefined;
      return operator === "regex"
        ? { any: pattern.words.map((word) => is(pattern.whole ? "Equal" : "Contains", word)) }
        : { all: pattern.words.map((word) => is(pattern.whole ? "NotEqual" : "NotContains", word)) };
    }
  }
};

const holds = ({ flowConditionType, variable, value }: Comparison): boolean => {
  const [left, right] = [variable.trim().toLowerCase(), value.trim().toLowerCase()];
  const numbers = left !== "" && right !== "" && Number.isFinite(Number(left)) && Number.isFinite(Number(right));
  if (flowConditionType === "Equal") return left === right;
  if (flowConditionType === "NotEqual") return left !== right;
  if (flowConditionType === "Contains") return left.includes(right);
  if (flowConditionType === "NotContains") return !left.includes(right);
  return numbers && (flowConditionType === "GreaterThan" ? Number(left) > Number(right) : Number(left) < Number(right));
};

const decide = (test: Test): Test => {
  if (typeof test === "boolean") return test;
  if ("all" in test) return { all: test.all.map(decide) };
  if ("any" in test) return { any: test.any.map(decide) };
  return holds(test);
};

/** `left operator right` as a test of the flow; undefined, and told to `part`, when the flow has no way to say it. */
export const compare = (
  words: Words,
  operator: Operator,
  left: readonly Piece[],
  right: readonly Piece[],
  part: Part,
  field: string,
  /** Whether the source compares upper and lower case alike. */
  anyCase: boolean,
): Test | undefined => {
  const subject = words.settle(left);
  const value = words.plain(right);
  if (value === undefined) {
    part.note("unsupported", "a condition of a flow compares with a fixed text, not with another variable", field);
    return undefined;
  }
  const fixed = words.plain(subject);
  if (fixed !== undefined) {
    const test = comparisonsOf(operator, fixed, value, false);
    if (!test) part.note("unsupported", "the pattern cannot be compared in a flow", field);
    else part.note("approximated", "what is compared is always the same text, so the way is decided", field);
    return test && decide(test);
  }
  const [only] = subject;
  if (subject.length !== 1 || !only || "text" in only) {
    part.note("unsupported", "a condition of a flow compares one variable, not a text with variables in it", field);
    return undefined;
  }
  const test = comparisonsOf(operator, words.mention(only.key, part, field), words.savedAs(only.key, value), anyCase);
  if (!test) part.note("unsupported", "the pattern cannot be compared in a flow", field);
  else if (NEAR[operator]) part.note("approximated", NEAR[operator], field);
  if (test && anyCase && spellings(value).length > 1)
    part.note("approximated", "a flow tells upper from lower case: the usual ways to write the words are compared");
  return test;
};
