// Conditions between the source's operators and ours: a flow's own six where they say the same, else a comparison of the catalogue's condition.
import type { ConditionTree } from "../../engine/expression/condition.ts";
import { checkPattern } from "../../engine/expression/regex.ts";
import { literalOf } from "../flow/interpolate.ts";
import type { ConditionType } from "./document.ts";
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

/** In the flow's own words. */
export type Comparison = { flowConditionType: ConditionType; variable: string; value: string };
/** In the catalogue's; `holds` false when its opposite is meant. */
export type Judgement = { tree: ConditionTree; holds: boolean };
export type Test = boolean | Comparison | Judgement | { all: Test[] } | { any: Test[] };

const OWN: Partial<Record<Operator, ConditionType>> = {
  equal: "Equal",
  not_equal: "NotEqual",
  contains: "Contains",
  not_contains: "NotContains",
  greater: "GreaterThan",
  less: "LessThan",
};

const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

const hasCase = (text: string): boolean => text.toLowerCase() !== text.toUpperCase();

/** What of a pattern another product's engine may read differently is left: `/x/i` is x in any case. */
const patternOf = (written: string, anyCase: boolean): string => {
  const [, inside, flags] = /^\/([\s\S]*)\/([a-z]*)$/i.exec(written) ?? [];
  const any = anyCase || flags?.includes("i");
  return `${any && !/^\(\?[a-z]*i/.test(inside ?? written) ? "(?i)" : ""}${inside ?? written}`;
};

type Subject = { field: string; anyCase: string };

const judged = (tree: ConditionTree, holds = true): Judgement => ({ tree, holds });

/** The comparison of a value with a text that is known; undefined for what nobody can compare. */
const judge = (operator: Operator, { field, anyCase }: Subject, value: string, folds: boolean): Test | undefined => {
  const subject = folds ? anyCase : field;
  const fold = (text: string) => literalOf(folds ? text.trim().toLowerCase() : text);
  const one = (name: Extract<ConditionTree, { field: string }>["operator"]) =>
    judged({ field: subject, operator: name, value: fold(value) });
  const listed = () => listOf(value).map(fold);
  switch (operator) {
    case "equal":
      return one("equals");
    case "not_equal":
      return one("not_equals");
    case "contains":
      return one("contains");
    case "not_contains":
      return one("not_contains");
    case "starts":
      return one("starts_with");
    case "not_starts":
      return { ...one("starts_with"), holds: false };
    case "ends":
      return one("ends_with");
    case "greater":
      return judged({ field, operator: "greater", value: Number(value) });
    case "less":
      return judged({ field, operator: "less", value: Number(value) });
    case "greater_or_equal":
      return judged({ field, operator: "greater_or_equal", value: Number(value) });
    case "less_or_equal":
      return judged({ field, operator: "less_or_equal", value: Number(value) });
    case "any_of":
      return listed().length > 0 && judged({ field: subject, operator: "in", value: listed() });
    case "none_of":
      return listed().length === 0 || judged({ field: subject, operator: "not_in", value: listed() });
    case "set":
      return judged({ field: anyCase, operator: "not_equals", value: "" });
    case "empty":
      return judged({ field: anyCase, operator: "equals", value: "" });
    case "regex":
    case "not_regex": {
      const pattern = patternOf(value, folds);
      return checkPattern(pattern).ok
        ? judged({ field, operator: "regex", value: pattern }, operator === "regex")
        : undefined;
    }
  }
};

const MEASURES: ReadonlySet<Operator> = new Set(["greater", "greater_or_equal", "less", "less_or_equal"]);

/** The comparison with a value that is known only then. */
const judgeVariable = (
  operator: Operator,
  { field, anyCase }: Subject,
  value: Subject,
  folds: boolean,
): Test | undefined => {
  const names = {
    equal: "equals",
    not_equal: "not_equals",
    contains: "contains",
    not_contains: "not_contains",
    starts: "starts_with",
    ends: "ends_with",
  } as const;
  const measures = {
    greater: "greater",
    greater_or_equal: "greater_or_equal",
    less: "less",
    less_or_equal: "less_or_equal",
  } as const;
  if (operator in names) {
    const name = names[operator as keyof typeof names];
    return judged({ field: folds ? anyCase : field, operator: name, value: folds ? value.anyCase : value.field });
  }
  if (operator in measures)
    return judged({ field, operator: measures[operator as keyof typeof measures], value: value.field });
  return undefined;
};

const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));

/** The flow's own comparison where it says the same: it tells upper from lower case. */
const ownComparison = (
  words: Words,
  operator: Operator,
  subject: readonly Piece[],
  value: string,
  part: Part,
  field: string,
  anyCase: boolean,
): Test | undefined => {
  const [only, ...more] = subject;
  if (!only || more.length || !("key" in only) || !words.isMentioned(only.key)) return undefined;
  const variable = (): string => words.mention(only.key, part, field);
  const saved = words.savedAs(only.key, value);
  const is = (flowConditionType: ConditionType): Comparison => ({
    flowConditionType,
    variable: variable(),
    value: saved,
  });
  if (operator === "greater_or_equal" && isNumber(saved)) return { any: [is("GreaterThan"), is("Equal")] };
  if (operator === "less_or_equal" && isNumber(saved)) return { any: [is("LessThan"), is("Equal")] };
  const own = OWN[operator];
  if (!own || saved === "" || (anyCase && hasCase(saved))) return undefined;
  return MEASURES.has(operator) && !isNumber(saved) ? undefined : is(own);
};

/** `left operator right` as a test; undefined, and told to `part`, when there is no way to say it. */
export const compare = (
  words: Words,
  operator: Operator,
  left: readonly Piece[],
  right: readonly Piece[],
  part: Part,
  field: string,
  /** Whether the source compares upper and lower case alike, and without the spaces around. */
  anyCase: boolean,
): Test | undefined => {
  const fixed = right.every((piece) => "text" in piece)
    ? right.map((piece) => ("text" in piece ? piece.text : "")).join("")
    : undefined;
  if (fixed !== undefined) {
    const own = ownComparison(words, operator, left, fixed, part, field, anyCase);
    if (own !== undefined) return own;
  }
  const subjectOf = (pieces: readonly Piece[]): Subject => ({
    field: words.template(pieces, part, field),
    anyCase: words.template(pieces, part, field, ["downcase", "strip"]),
  });
  if (!left.some((piece) => !("text" in piece))) {
    part.note("approximated", "what is compared is always the same text", field);
    // A field without a template would be a path.
    left = [
      {
        read: JSON.stringify(
          left
            .map((piece) => ("text" in piece ? piece.text : ""))
            .join("")
            .replaceAll('"', ""),
        ),
        label: "text",
      },
    ];
  }
  const [only] = left;
  const key = left.length === 1 && only && "key" in only ? only.key : "";
  if (fixed !== undefined && MEASURES.has(operator) && !isNumber(fixed)) {
    part.note("approximated", "a number is compared with what is none: this never holds", field);
    return false;
  }
  const test =
    fixed === undefined
      ? judgeVariable(operator, subjectOf(left), subjectOf(right), anyCase)
      : judge(operator, subjectOf(left), words.savedAs(key, fixed), anyCase);
  if (test === undefined) part.note("unsupported", "this cannot be compared here: the way is never taken", field);
  return test;
};
