// The SQL of a segment and the one evaluator agree, on whatever people keep of their contacts and whatever is asked.
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { segmentSql } from "../../../src/db/queries/segments.ts";
import { factsOfAttributes, sortable } from "../../../src/domain/segment/facts.ts";
import { planSegment } from "../../../src/domain/segment/plan-segment.ts";
import { type ConditionTree, checkCondition, evaluateCondition } from "../../../src/engine/expression/condition.ts";
import type { Json, JsonObject } from "../../../src/lib/json.ts";

const NOW = Date.UTC(2026, 10, 21);

const texts = [
  "",
  "10",
  "10.0",
  "-2.5",
  "premium",
  "Premium",
  "pre%ium",
  "a_b",
  "true",
  "2024-01-01",
  "2024-06-15T10:00:00Z",
  "1700000000",
  "سلام",
  'q"uote',
  "émigré",
  "x\ny",
];
const values: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Json>(...texts) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Json>(10, -2.5, 0, 1e-7, 1e21, 1_700_000_000, 1_700_000_000_000, true, false),
  },
  { weight: 1, arbitrary: fc.constantFrom<Json>([], {}, ["10", 10, "premium"], [true, null], [["a"]], { a: 1 }) },
  { weight: 1, arbitrary: fc.oneof(fc.string({ maxLength: 5 }), fc.double({ noNaN: true, noDefaultInfinity: true })) },
);
const names = ["tier", "city", "signup", "score"];
const attributes: fc.Arbitrary<JsonObject> = fc.dictionary(fc.constantFrom(...names), values, { maxKeys: 4 });

const operator = fc.constantFrom(
  ...([
    "equals",
    "not_equals",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "in",
    "not_in",
    "greater",
    "greater_or_equal",
    "less",
    "less_or_equal",
    "before",
    "after",
    "between",
    "exists",
    "not_exists",
    "is_empty",
  ] as const),
);
const leaf = fc.record({
  field: fc.constantFrom(...names).map((name) => `attributes.${name}`),
  operator,
  value: fc.oneof(values, fc.array(values, { minLength: 1, maxLength: 3 })),
});
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.record({ operator: fc.constantFrom("and", "or"), conditions: fc.array(tie("tree"), { maxLength: 3 }) }),
    fc.record({ operator: fc.constant("not"), conditions: fc.tuple(tie("tree")) }),
  ),
}));

const checked = (input: unknown): ConditionTree | undefined => {
  const strip = (node: unknown): unknown => {
    const one = node as { operator: string; conditions?: unknown[]; value?: Json };
    if (one.conditions) return { ...one, conditions: one.conditions.map(strip) };
    const { value, ...rest } = one;
    return ["exists", "not_exists", "is_empty"].includes(one.operator) ? rest : { ...rest, value };
  };
  const result = checkCondition(strip(input), { roots: ["attributes"], negation: true });
  return result.ok ? result.value : undefined;
};

const bySql = (contacts: JsonObject[], condition: ConditionTree): boolean[] => {
  const db = new DatabaseSync(":memory:");
  db.exec(`
    CREATE TABLE contacts (org_id TEXT, id TEXT, PRIMARY KEY (org_id, id)) WITHOUT ROWID;
    CREATE TABLE contact_facts (org_id TEXT, name TEXT, fact TEXT, contact_id TEXT, PRIMARY KEY (org_id, name, fact, contact_id)) WITHOUT ROWID;
  `);
  const contact = db.prepare("INSERT INTO contacts VALUES ('o', ?)");
  const fact = db.prepare("INSERT INTO contact_facts VALUES ('o', 'a.' || ?, ?, ?)");
  contacts.forEach((one, index) => {
    contact.run(String(index));
    for (const [name, text] of factsOfAttributes(one)) fact.run(name, text, String(index));
  });
  const { where, values: bound } = segmentSql(planSegment(condition, NOW));
  const found = new Set(
    db
      .prepare(`SELECT c.id FROM contacts c WHERE c.org_id = ?1 AND ${where} AND ?2 IS NOT NULL`)
      .all("o", bound)
      .map((row) => row.id),
  );
  db.close();
  return contacts.map((_, index) => found.has(String(index)));
};

describe("a segment", () => {
  it("selects whom the evaluator selects", () => {
    fc.assert(
      fc.property(fc.array(attributes, { minLength: 1, maxLength: 6 }), tree, (contacts, input) => {
        const condition = checked(input);
        fc.pre(condition !== undefined);
        const expected = contacts.map(
          (one) =>
            evaluateCondition(
              condition!,
              (field) => (Object.hasOwn(one, field.slice(11)) ? one[field.slice(11)] : undefined),
              { now: NOW },
            ).matched,
        );
        expect(bySql(contacts, condition!)).toEqual(expected);
      }),
      { numRuns: 1_500 },
    );
  }, 60_000);

  it("orders numbers of any sign and size by their text", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        expect(Math.sign(sortable(a) < sortable(b) ? -1 : sortable(a) > sortable(b) ? 1 : 0)).toBe(
          Math.sign(a < b ? -1 : a > b ? 1 : 0),
        );
      }),
    );
  });
});
