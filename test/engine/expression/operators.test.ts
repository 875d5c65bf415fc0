import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { depthOf, foldCase, isSameJson } from "../../../src/engine/expression/compare.ts";
import type { OperatorName } from "../../../src/engine/expression/operators.ts";
import { OPERATOR_NAMES, operators } from "../../../src/engine/expression/operators.ts";
import type { Json } from "../../../src/lib/json.ts";

const NOW = Date.UTC(2024, 5, 15);
const MISSING = undefined;
const test = (name: OperatorName, actual: Json | undefined, expected: Json = null) =>
  operators[name].test(actual, expected, NOW);

type Row = [actual: Json | undefined, expected: Json];

/** For each operator what matches and what does not; negations are derived below. */
const table: Record<string, { yes: Row[]; no: Row[] }> = {
  equals: {
    yes: [
      ["a", "a"],
      [1, 1],
      ["10", 10],
      [10, "10"],
      ["-2.50", -2.5],
      [true, true],
      [null, null],
      ["", ""],
      [
        [1, "a"],
        [1, "a"],
      ],
      [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ],
      [0, -0],
      ["سلام", "سلام"],
    ],
    no: [
      [MISSING, null],
      [MISSING, ""],
      [MISSING, "a"],
      ["a", "A"],
      ["10", "10.0"],
      [true, "true"],
      [1, true],
      [0, false],
      [0, ""],
      [null, ""],
      [null, 0],
      [["a"], "a"],
      ["a", ["a"]],
      [
        [1, 2],
        [2, 1],
      ],
      [["1"], [1]],
      [{}, []],
      [{ a: 1 }, { a: 1, b: 2 }],
      ["1e1", 10],
      [" 10", 10],
      ["0x0a", 10],
    ],
  },
  contains: {
    yes: [
      [["vip", "b"], "vip"],
      [[1, 2], 2],
      [["10"], 10],
      ["hello", "ell"],
      ["hello", ""],
      [12345, 34],
      [12345, "34"],
      [true, "ru"],
      ["کد تخفیف", "تخفیف"],
      [[true], true],
    ],
    no: [
      [MISSING, "a"],
      [MISSING, ""],
      [null, ""],
      [["vip"], "vi"],
      [["VIP"], "vip"],
      ["Hello", "hello"],
      [{ vip: 1 }, "vip"],
      [[["vip"]], "vip"],
      ["a", "ab"],
      ["null", null],
      [[], ""],
    ],
  },
  icontains: {
    yes: [
      ["Have a COUPON?", "coupon"],
      [["VIP"], "vip"],
      ["STRASSE", "straße"],
      ["Maße", "MASSE"],
      ["İSTANBUL", "istanbul"],
      ["ISPARTA", "ısparta"],
      ["ΟΔΟΣ", "οδος"],
      ["οδοσ", "ΟΔΟΣ"],
      ["سلام، کد تخفیف دارید؟", "کد تخفیف"],
      ["Cafe\u0301", "CAFÉ"],
      ["ＡＢＣ", "abc"],
      [12345, 34],
      ["ﻼ", "لا"],
      ["Ещё", "ЕЩЁ"],
    ],
    no: [
      [MISSING, "a"],
      [null, "a"],
      [["VIP users"], "vip"],
      ["é", "e"],
      [{ a: "VIP" }, "vip"],
      ["abc", "abcd"],
    ],
  },
  starts_with: {
    yes: [
      ["hello", "he"],
      ["hello", ""],
      [1234, 12],
      ["1234", 12],
      ["+4917", "+49"],
    ],
    no: [
      ["hello", "He"],
      [MISSING, ""],
      [null, ""],
      [["he"], "he"],
      ["he", "hello"],
      [{}, ""],
    ],
  },
  ends_with: {
    yes: [
      ["a@company.com", "@company.com"],
      ["x", ""],
      [1234, 34],
    ],
    no: [
      ["a@COMPANY.com", "@company.com"],
      [MISSING, ""],
      [["x"], "x"],
      [null, "null"],
    ],
  },
  greater: {
    yes: [
      [2, 1],
      ["2", 1],
      ["10", "9"],
      [1, "-1"],
      ["2024-02-01", "2024-01-31"],
      ["2024-01-01T00:00:01Z", "2024-01-01"],
      ["2024-07-01", "now"],
      [NOW + 1, "now"],
    ],
    no: [
      [1, 1],
      [1, 2],
      ["9", "10"],
      [MISSING, 0],
      [null, -1],
      ["", -1],
      ["b", "a"],
      [true, 0],
      [[2], 1],
      ["2024-01-01", 5],
      ["2024-01-31", "2024-02-01"],
      [{}, 0],
      ["5 apples", 1],
    ],
  },
  greater_or_equal: {
    yes: [
      [1, 1],
      ["1.0", 1],
      [2, 1],
      ["2024-01-01", "2024-01-01T00:00:00Z"],
    ],
    no: [
      [0, 1],
      [MISSING, 0],
      [null, 0],
      ["a", "a"],
    ],
  },
  less: {
    yes: [
      [1, 2],
      ["9", "10"],
      [-1, 0],
      ["2023-12-31T23:59:59-01:00", "2024-01-01T01:00Z"],
      ["2024-06-14", "now"],
    ],
    no: [
      [1, 1],
      [2, 1],
      [MISSING, 5],
      [null, 5],
      ["", 5],
      ["a", "b"],
      [[], 1],
    ],
  },
  less_or_equal: {
    yes: [
      [1, 1],
      [1, 2],
      ["1", 1],
    ],
    no: [
      [2, 1],
      [MISSING, 1],
      [null, 1],
      ["a", "a"],
    ],
  },
  in: {
    yes: [
      ["a", ["a", "b"]],
      ["10", [10]],
      [10, ["10"]],
      [null, [null]],
      [["x", "a"], ["a"]],
      [["a"], [["a"]]],
      [true, [true]],
    ],
    no: [
      [MISSING, ["a"]],
      [MISSING, [null]],
      ["c", ["a", "b"]],
      ["a", "abc"],
      ["A", ["a"]],
      [[], ["a"]],
      [["x"], ["a"]],
      ["a", []],
      [{ a: 1 }, ["a"]],
    ],
  },
  exists: {
    yes: [
      ["", null],
      [0, null],
      [false, null],
      [[], null],
      [{}, null],
      ["a", null],
    ],
    no: [
      [MISSING, null],
      [null, null],
    ],
  },
  is_empty: {
    yes: [
      [MISSING, null],
      [null, null],
      ["", null],
      [[], null],
      [{}, null],
    ],
    no: [
      [0, null],
      [false, null],
      [" ", null],
      [[null], null],
      [{ a: null }, null],
      ["a", null],
    ],
  },
  before: {
    yes: [
      ["2023-12-31", "2024-01-01"],
      [1_700_000_000, "2024-01-01"],
      [1_700_000_000_000, "2024-01-01"],
      ["1700000000", "2024-01-01"],
      ["2024-01-01T01:00:00+03:30", "2024-01-01"],
      ["2024-06-14T23:59:59.999Z", "now"],
    ],
    no: [
      ["2024-01-01", "2024-01-01"],
      ["2024-01-02", "2024-01-01"],
      [MISSING, "2024-01-01"],
      [null, "2024-01-01"],
      ["soon", "2024-01-01"],
      ["now", "2099-01-01"],
      ["2023-02-30", "2024-01-01"],
      [["2023-01-01"], "2024-01-01"],
      ["2023-01-01", "later"],
    ],
  },
  after: {
    yes: [
      ["2024-01-02", "2024-01-01"],
      ["2024-06-15T00:00:00.001Z", "now"],
      [NOW, "2024-01-01"],
    ],
    no: [
      ["2024-01-01", "2024-01-01"],
      [MISSING, "2024-01-01"],
      [null, "now"],
      ["2024-06-14", "now"],
      [5, "now"],
    ],
  },
  between: {
    yes: [
      [5, [1, 10]],
      [1, [1, 10]],
      [10, [1, 10]],
      ["5", ["1", 10]],
      ["2024-03-01", ["2024-01-01", "2024-12-31"]],
      [NOW, ["2024-01-01", "now"]],
    ],
    no: [
      [0, [1, 10]],
      [11, [1, 10]],
      [MISSING, [0, 1]],
      [null, [-1, 1]],
      ["b", ["a", "c"]],
      [5, [10, 1]],
      [5, [1]],
      [5, 5],
      [5, [1, 10, 20]],
      ["2025-01-01", ["2024-01-01", "2024-12-31"]],
      [5, ["a", "b"]],
    ],
  },
  regex: {
    yes: [
      ["order 123", "\\d{3}"],
      [123, "^1"],
      ["سلام", "^\\p{L}+$"],
      ["x", ""],
      [true, "true"],
    ],
    no: [
      ["order", "\\d"],
      [MISSING, ""],
      [null, ""],
      [["123"], "\\d"],
      ["a", "["],
      ["a", 5],
      ["aaa", "(a)\\1"],
    ],
  },
};

describe("the table", () => {
  it("covers every operator", () => {
    const negations = Object.keys(table).map((name) => `not_${name}`);
    expect([...OPERATOR_NAMES].sort()).toEqual(
      [...Object.keys(table), ...negations.filter((name) => name in operators)].sort(),
    );
    expect(OPERATOR_NAMES).toHaveLength(20);
  });

  for (const [name, { yes, no }] of Object.entries(table)) {
    it.each(yes)(`${name}: %j and %j match`, (actual, expected) => {
      expect(test(name as OperatorName, actual, expected)).toBe(true);
    });
    it.each(no)(`${name}: %j and %j do not match`, (actual, expected) => {
      expect(test(name as OperatorName, actual, expected)).toBe(false);
    });
  }
});

describe("for any values", () => {
  const value: fc.Arbitrary<Json> = fc.oneof(
    fc.jsonValue() as fc.Arbitrary<Json>,
    fc.constantFrom<Json>("10", 10, "2024-01-01", "now", "", null, true, [1, 2], ["a"], "a", "(", { a: 1 }, 1e300),
  );
  const actual = fc.option(value, { nil: undefined });

  it("every operator answers true or false", () => {
    fc.assert(
      fc.property(fc.constantFrom(...OPERATOR_NAMES), actual, value, (name, left, right) => {
        expect([true, false]).toContain(test(name, left, right));
      }),
      { numRuns: 3000 },
    );
  });

  it("every value is judged, and one that passes is matched by a field that fits it", () => {
    const same = (expected: Json) => expected;
    const first = (expected: Json) => (expected as Json[])[0]!;
    const fitting: Partial<Record<OperatorName, (expected: Json) => Json>> = {
      ...{ equals: same, contains: same, icontains: same, starts_with: same, ends_with: same },
      ...{ greater_or_equal: same, less_or_equal: same, in: first, between: first },
    };
    fc.assert(
      fc.property(fc.constantFrom(...OPERATOR_NAMES), value, (name, expected) => {
        const fault = operators[name].checkValue(expected);
        if (fault !== undefined) {
          expect(fault).toMatch(/\.$|^Bad pattern: /);
          return;
        }
        const fit = fitting[name]?.(expected);
        if (fit !== undefined && fit !== "now") expect(test(name, fit, expected)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it("not_x is the negation of x", () => {
    const negated = OPERATOR_NAMES.filter((name) => name.startsWith("not_"));
    expect(negated).toHaveLength(4);
    fc.assert(
      fc.property(fc.constantFrom(...negated), actual, value, (name, left, right) => {
        expect(test(name, left, right)).toBe(!test(name.slice(4) as OperatorName, left, right));
      }),
      { numRuns: 2000 },
    );
  });

  it("a missing field matches no positive comparison", () => {
    const positive = OPERATOR_NAMES.filter((name) => !name.startsWith("not_") && name !== "is_empty");
    fc.assert(
      fc.property(fc.constantFrom(...positive), value, (name, right) => {
        expect(test(name, MISSING, right)).toBe(false);
      }),
    );
  });

  it("orders are consistent: greater is less turned round, and excludes it", () => {
    fc.assert(
      fc.property(value, value, (left, right) => {
        fc.pre(left !== "now" && right !== "now");
        expect(test("greater", left, right)).toBe(test("less", right, left));
        if (test("greater", left, right)) expect(test("less_or_equal", left, right)).toBe(false);
        expect(test("between", left, [right, right])).toBe(
          test("greater_or_equal", left, right) && test("less_or_equal", left, right),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("equals is symmetric, and reflexive for what is there", () => {
    fc.assert(
      fc.property(value, value, (left, right) => {
        expect(test("equals", left, right)).toBe(test("equals", right, left));
        expect(test("equals", left, JSON.parse(JSON.stringify(left)))).toBe(true);
      }),
    );
  });
});

describe("comparing", () => {
  it("is no matter of depth", () => {
    const nested = (levels: number) => {
      let value: Json = 1;
      for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { a: value };
      return value;
    };
    expect(isSameJson(nested(20_000), nested(20_000))).toBe(true);
    expect(isSameJson(nested(20_000), nested(19_998))).toBe(false);
    expect(depthOf(nested(20_000), 20)).toBeGreaterThan(20);
    expect(depthOf({ a: [1, { b: [] }] }, 20)).toBe(3);
    expect(depthOf("text", 20)).toBe(0);
  });

  it("does not take a prototype's key for one of the object's", () => {
    expect(isSameJson(JSON.parse('{"toString": 1}'), { a: 1 })).toBe(false);
    expect(isSameJson(JSON.parse('{"__proto__": 1}'), { a: 1 })).toBe(false);
    expect(isSameJson(JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 1}'))).toBe(true);
  });

  it("folds case the same way twice", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(foldCase(foldCase(text))).toBe(foldCase(text));
        expect(foldCase(text.toUpperCase())).toBe(foldCase(text));
      }),
      { numRuns: 1000 },
    );
  });
});
