import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConditionTree } from "../../../src/engine/expression/condition.ts";
import { checkCondition, evaluateCondition, fieldsOf } from "../../../src/engine/expression/condition.ts";
import { conditionTree } from "../../../src/engine/expression/condition-schema.ts";
import { OPERATOR_NAMES, operators } from "../../../src/engine/expression/operators.ts";
import type { Json } from "../../../src/lib/json.ts";
import { pathOf } from "../../../src/lib/json.ts";

const options = { roots: ["event", "user", "variables"] };
const premium = { field: "user.tags", operator: "contains", value: "premium" };
const company = { field: "user.email", operator: "ends_with", value: "@company.com" };
const adult = { field: "user.profile.age", operator: "greater", value: 25 };
const documented = { operator: "and", conditions: [premium, { operator: "or", conditions: [company, adult] }] };

const checked = (input: unknown): ConditionTree => {
  const result = checkCondition(input, options);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const findings = (input: unknown, more = {}) => {
  const result = checkCondition(input, { ...options, ...more });
  return result.ok ? [] : result.error.map(({ path, code }) => [path, code]);
};
const evaluate = (input: unknown, data: Json, now = 0) =>
  evaluateCondition(checked(input), (field) => pathOf(data, field), { now });

describe("a tree is checked", () => {
  it("and keeps its form", () => {
    expect(checked(documented)).toEqual(documented);
  });

  it("and normalised", () => {
    expect(checked({ operator: "AND", conditions: [{ ...premium, operator: "Contains" }] })).toEqual({
      operator: "and",
      conditions: [premium],
    });
    expect(checked([premium, company])).toEqual({ operator: "and", conditions: [premium, company] });
    expect(checked(premium)).toEqual(premium);
    expect(checked({})).toEqual({ operator: "and", conditions: [] });
    expect(checked([])).toEqual({ operator: "and", conditions: [] });
    for (const value of [undefined, null, "", true]) {
      expect(checked({ field: "user.email", operator: "exists", value })).toEqual({
        field: "user.email",
        operator: "exists",
      });
    }
  });

  it.each<[string, unknown, [string, string][]]>([
    [
      "an unknown operator",
      { operator: "and", conditions: [premium, { operator: "or", conditions: [{ ...company, operator: "like" }] }] },
      [["conditions.1.conditions.0.operator", "unknown_operator"]],
    ],
    ["an operator of a prototype", { ...company, operator: "constructor" }, [["operator", "unknown_operator"]]],
    ["an operator that is no text", { ...company, operator: 5 }, [["operator", "invalid_type"]]],
    ["no operator", { field: "user.email", value: 1 }, [["operator", "required"]]],
    ["a group of another operator", { operator: "xor", conditions: [] }, [["operator", "unknown_operator"]]],
    ["a group without operator", { conditions: [premium] }, [["operator", "required"]]],
    [
      "a group whose conditions are no list",
      { operator: "and", conditions: premium },
      [["conditions", "invalid_type"]],
    ],
    [
      "a group without conditions",
      { operator: "and" },
      [
        ["field", "required"],
        ["operator", "unknown_operator"],
      ],
    ],
    ["an unknown root", { ...company, field: "contact.email" }, [["field", "unknown_field"]]],
    ["a root of a prototype", { ...company, field: "constructor.name" }, [["field", "invalid_field"]]],
    ["a forbidden key", { ...company, field: "user.__proto__.x" }, [["field", "invalid_field"]]],
    ["an empty segment", { ...company, field: "user..email" }, [["field", "invalid_field"]]],
    ["an endless field", { ...company, field: `user.${"x".repeat(500)}` }, [["field", "invalid_field"]]],
    ["a field that is no text", { ...company, field: ["user"] }, [["field", "invalid_type"]]],
    ["no field", { operator: "exists" }, [["field", "required"]]],
    [
      "no value",
      { operator: "and", conditions: [{ field: "user.a", operator: "equals" }] },
      [["conditions.0.value", "required"]],
    ],
    [
      "a value where none is taken",
      { field: "user.a", operator: "exists", value: false },
      [["value", "invalid_value"]],
    ],
    [
      "unknown keys",
      { operator: "and", conditions: [{ ...premium, id: 1 }], name: "x" },
      [
        ["name", "unknown_key"],
        ["conditions.0.id", "unknown_key"],
      ],
    ],
    [
      "a key of a prototype",
      JSON.parse('{"operator": "and", "conditions": [], "__proto__": {}}'),
      [["__proto__", "unknown_key"]],
    ],
    ["a bare list", [premium, { ...company, operator: "like" }], [["1.operator", "unknown_operator"]]],
    [
      "no object",
      [premium, null, "x", 5, [premium]],
      [
        ["1", "invalid_type"],
        ["2", "invalid_type"],
        ["3", "invalid_type"],
        ["4", "invalid_type"],
      ],
    ],
    [
      "all at once",
      [
        { field: "x.y", operator: "like" },
        { field: "user.a", operator: "in", value: "a", more: 1 },
      ],
      [
        ["0.field", "unknown_field"],
        ["0.operator", "unknown_operator"],
        ["1.more", "unknown_key"],
        ["1.value", "invalid_value"],
      ],
    ],
  ])("and %s is found", (_, input, expected) => {
    expect(findings(input)).toEqual(expected);
  });

  it.each([null, undefined, "x", 5, true, Number.NaN, () => 1])("and %s is no tree", (input) => {
    expect(findings(input)).toEqual([["", "invalid_type"]]);
  });

  it("with any field when no roots are named", () => {
    expect(checkCondition({ field: "anything", operator: "exists" }, { roots: [] }).ok).toBe(true);
  });

  it("with templates only where they are rendered", () => {
    const templated = { field: "{{ variables.which }}", operator: "greater", value: "{{ variables.limit }}" };
    expect(findings(templated, { templates: true })).toEqual([]);
    expect(findings(templated)).toEqual([
      ["field", "unknown_field"],
      ["value", "invalid_value"],
    ]);
    expect(findings({ ...templated, operator: "regex", value: "[" }, { templates: true })).toEqual([
      ["value", "invalid_value"],
    ]);
    expect(findings(templated, { templates: "values" })).toEqual([["field", "unknown_field"]]);
    expect(findings({ ...templated, field: "event.data.n" }, { templates: "values" })).toEqual([]);
  });
});

describe("values are checked by the operator", () => {
  const good: [string, Json[]][] = [
    ["equals", ["a", 1, true, null, [], {}, [1, { a: 2 }]]],
    ["not_equals", [null, 0]],
    ["contains", ["a", "", 1, false]],
    ["icontains", ["a", 1]],
    ["starts_with", ["a", 1]],
    ["greater", [1, "1", "2024-01-01", "now"]],
    [
      "between",
      [
        [1, 2],
        [1, 1],
        ["1", 2],
        ["2024-01-01", "2024-02-01"],
        ["2024-01-01", "now"],
      ],
    ],
    ["in", [["a"], [1, null, [2]]]],
    ["before", ["2024-01-01", 1_700_000_000, "1700000000000", "now"]],
    ["regex", ["^a+$", ""]],
  ];
  const bad: [string, Json[]][] = [
    ["contains", [null, [], ["a"], {}]],
    ["icontains", [true, null, ["a"]]],
    ["ends_with", [true, {}, null]],
    ["less", ["many", null, true, [1], "", "2024-02-30"]],
    [
      "between",
      [[1], [1, 2, 3], 5, "1,2", ["a", "b"], [2, 1], ["2024-02-01", "2024-01-01"], [1, null], [1, "2024-01-01"]],
    ],
    ["in", ["a", {}, null, [], 5, Array.from({ length: 1001 }, () => 1)]],
    ["not_in", ["a", []]],
    ["after", ["tomorrow", true, null, "10:00", {}]],
    ["regex", ["[", "(?=a)", 5, null, "a".repeat(1001)]],
  ];
  it.each(good.flatMap(([operator, values]) => values.map((value) => [operator, value] as const)))(
    "%s takes %j",
    (operator, value) => {
      expect(findings({ field: "user.a", operator, value })).toEqual([]);
    },
  );
  it.each(bad.flatMap(([operator, values]) => values.map((value) => [operator, value] as const)))(
    "%s refuses %j",
    (operator, value) => {
      expect(findings({ field: "user.a", operator, value })).toEqual([["value", "invalid_value"]]);
    },
  );
});

describe("bombs", () => {
  const nested = (depth: number) => {
    let tree: unknown = premium;
    for (let level = 0; level < depth; level++) tree = { operator: "and", conditions: [tree] };
    return tree;
  };

  it("in depth end at the bound", () => {
    expect(findings(nested(10))).toEqual([]);
    expect(findings(nested(11))).toEqual([[Array(10).fill("conditions.0").join("."), "too_deep"]]);
    expect(findings(nested(10_000)).map(([, code]) => code)).toEqual(["too_deep"]);
    expect(findings(nested(3), { maxDepth: 2 })).toEqual([["conditions.0.conditions.0", "too_deep"]]);
  });

  it("in width end at the bound", () => {
    expect(findings(Array(200).fill(premium))).toEqual([]);
    expect(findings(Array(100_000).fill(premium))).toEqual([["200", "too_many"]]);
    expect(findings(Array(5).fill(premium), { maxConditions: 4 })).toEqual([["4", "too_many"]]);
    const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 1]));
    expect(findings({ ...premium, ...keys })).toHaveLength(100);
  });

  it("in a value end at the bound", () => {
    let deep: Json = 1;
    for (let level = 0; level < 10_000; level++) deep = [deep];
    expect(findings({ field: "user.a", operator: "equals", value: deep })).toEqual([["value", "invalid_value"]]);
    expect(findings({ field: "user.a", operator: "in", value: [deep] })).toEqual([["value", "invalid_value"]]);
  });
});

describe("evaluation", () => {
  const user = { tags: ["premium"], email: "ali@company.com", profile: { age: 20 } };

  it("follows the tree", () => {
    expect(evaluate(documented, { user })).toEqual({ matched: true });
    expect(evaluate(documented, { user: { ...user, email: "a@b.c", profile: { age: "30" } } })).toEqual({
      matched: true,
    });
    expect(evaluate(premium, { user })).toEqual({ matched: true });
    expect(evaluate([premium, adult], { user }).matched).toBe(false);
  });

  it("names the first comparison that failed, for or its first branch", () => {
    expect(evaluate(documented, { user: { ...user, tags: [] } }).failed).toEqual({
      path: "conditions.0",
      field: "user.tags",
      operator: "contains",
      expected: "premium",
      actual: [],
    });
    expect(evaluate(documented, { user: { tags: ["premium"], email: "a@b.c" } }).failed).toEqual({
      path: "conditions.1.conditions.0",
      field: "user.email",
      operator: "ends_with",
      expected: "@company.com",
      actual: "a@b.c",
    });
    expect(evaluate({ field: "user.name", operator: "exists" }, { user })).toEqual({
      matched: false,
      failed: { path: "", field: "user.name", operator: "exists", expected: null, actual: null },
    });
  });

  it("lets an empty group match", () => {
    expect(evaluate({}, {})).toEqual({ matched: true });
    expect(evaluate({ operator: "or", conditions: [] }, {})).toEqual({ matched: true });
    expect(evaluate([premium, { operator: "or", conditions: [] }], { user })).toEqual({ matched: true });
  });

  it("asks for no field after the answer is settled", () => {
    const asked: string[] = [];
    const resolve = (field: string) => {
      asked.push(field);
      return pathOf({ user }, field);
    };
    evaluateCondition(checked({ operator: "or", conditions: [premium, company] }), resolve, { now: 0 });
    evaluateCondition(checked([adult, company]), resolve, { now: 0 });
    expect(asked).toEqual(["user.tags", "user.profile.age"]);
  });

  it("takes now from outside", () => {
    const due = { field: "user.due", operator: "before", value: "now" };
    const data = { user: { due: "2024-01-01" } };
    expect(evaluate(due, data, Date.UTC(2024, 0, 2)).matched).toBe(true);
    expect(evaluate(due, data, Date.UTC(2023, 0, 2)).matched).toBe(false);
  });

  it("names the fields it reads", () => {
    expect(fieldsOf(checked({ operator: "or", conditions: [documented, premium] }))).toEqual([
      "user.tags",
      "user.email",
      "user.profile.age",
    ]);
  });
});

describe("for any input", () => {
  const word = fc.constantFrom(
    "operator",
    "conditions",
    "field",
    "value",
    "and",
    "or",
    "user.a",
    "__proto__",
    ...OPERATOR_NAMES,
  );
  const anything = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: "medium" },
      fc.jsonValue(),
      word,
      fc.array(tie("node"), { maxLength: 4 }),
      fc.dictionary(word, tie("node"), { maxKeys: 4 }),
      fc.record({ operator: fc.oneof(word, tie("node")), conditions: fc.array(tie("node"), { maxLength: 3 }) }),
      fc.record({ field: fc.oneof(word, tie("node")), operator: fc.oneof(word, tie("node")), value: tie("node") }),
    ),
  })).node;

  it("the check answers, with findings that name a place", () => {
    fc.assert(
      fc.property(anything, (input) => {
        const result = checkCondition(input, { roots: [] });
        if (!result.ok)
          return (
            result.error.length > 0 &&
            result.error.every(({ path, message }) => typeof path === "string" && message !== "")
          );
        expect(checkCondition(result.value, { roots: [] })).toEqual(result);
        expect(checkCondition(JSON.parse(JSON.stringify(result.value)), { roots: [] })).toEqual(result);
        return true;
      }),
      { numRuns: 2000 },
    );
  });

  const value: fc.Arbitrary<Json> = fc.oneof(
    fc.jsonValue() as fc.Arbitrary<Json>,
    fc.constantFrom<Json>("a", 5, "5", "2024-01-01", [1, 2], ["a"], "a+"),
  );
  const comparison = fc
    .record({
      field: fc.constantFrom("user.a", "user.b", "event.c"),
      operator: fc.constantFrom(...OPERATOR_NAMES),
      value,
    })
    .filter(
      ({ operator, value }) => operators[operator].needsValue && operators[operator].checkValue(value) === undefined,
    );
  const tree = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      comparison,
      fc.record({
        operator: fc.constantFrom("and", "or", "AND", "Or"),
        conditions: fc.array(tie("tree"), { maxLength: 3 }),
      }),
    ),
  })).tree;

  it("a checked tree evaluates, and what failed is a comparison of it that fails alone", () => {
    fc.assert(
      fc.property(tree, fc.dictionary(fc.constantFrom("user.a", "user.b", "event.c"), value), (input, values) => {
        const result = checkCondition(input, { ...options, maxConditions: 10_000 });
        fc.pre(result.ok);
        if (!result.ok) return;
        const resolve = (field: string) => (Object.hasOwn(values, field) ? values[field] : undefined);
        const outcome = evaluateCondition(result.value, resolve, { now: 0 });
        expect(outcome.matched).toBe(outcome.failed === undefined);
        if (!outcome.failed) return;
        const culprit =
          outcome.failed.path === ""
            ? result.value
            : (pathOf(result.value as unknown as Json, outcome.failed.path) as unknown as ConditionTree);
        expect(culprit).toMatchObject({ field: outcome.failed.field, operator: outcome.failed.operator });
        expect(evaluateCondition(culprit, resolve, { now: 0 }).matched).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("as a Zod schema", () => {
  const schema = conditionTree(options);

  it("parses to the normal form", () => {
    expect(schema.parse([{ ...premium, operator: "CONTAINS" }])).toEqual({ operator: "and", conditions: [premium] });
  });

  it("puts each finding at its path", () => {
    const result = schema.safeParse({
      operator: "and",
      conditions: [premium, { operator: "or", conditions: [{ ...company, operator: "like" }] }],
    });
    expect(result.error?.issues).toMatchObject([
      { code: "custom", path: ["conditions", 1, "conditions", 0, "operator"], params: { code: "unknown_operator" } },
    ]);
    expect(schema.safeParse(undefined).success).toBe(false);
  });
});
