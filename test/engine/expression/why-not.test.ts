import { expect, it } from "vitest";
import { evaluateCondition } from "../../../src/engine/expression/condition.ts";
import { OPERATOR_NAMES } from "../../../src/engine/expression/operators.ts";
import { whyNot } from "../../../src/engine/expression/why-not.ts";

const said = (actual: string | number | undefined, operator: string, value?: unknown) => {
  const { failed } = evaluateCondition({ field: "user.x", operator, value } as never, () => actual, { now: 0 });
  return failed && whyNot(failed);
};

it.each<[string | undefined, string, unknown, string]>([
  ["سلام", "icontains", "کد تخفیف", 'user.x does not contain "کد تخفیف"'],
  ["a", "equals", 5, "user.x is not 5"],
  ["a", "not_equals", "a", 'user.x is "a"'],
  ["a", "in", ["b", "c"], 'user.x is none of ["b","c"]'],
  [undefined, "exists", undefined, "user.x is not there"],
  ["a", "is_empty", undefined, "user.x is not empty"],
])("%j %s %j", (actual, operator, value, words) => {
  expect(said(actual, operator, value)).toBe(words);
});

it("has words for every operator, and for a group that must not hold", () => {
  for (const operator of [...OPERATOR_NAMES, "not"])
    expect(whyNot({ path: "", field: "f", operator, expected: null, actual: null })).toMatch(/^f [a-z ]+( null)?$/);
});

it("shows no more of a value than fits in a line", () => {
  expect(said("a", "equals", "b".repeat(1_000))!.length).toBeLessThan(110);
});
