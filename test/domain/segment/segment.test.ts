// The SQL of a segment and the one evaluator agree, on whatever people keep of their contacts and whatever is asked.
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { segmentSql } from "../../../src/db/queries/segment-sql.ts";
import { factsOfAttributes, sortable, unsortable } from "../../../src/domain/segment/facts.ts";
import { COLUMNS, planSegment } from "../../../src/domain/segment/plan-segment.ts";
import { type ConditionTree, checkCondition, evaluateCondition } from "../../../src/engine/expression/condition.ts";
import { type Json, type JsonObject, own } from "../../../src/lib/json.ts";

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
const leaf = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      field: fc.constantFrom(...names).map((name) => `attributes.${name}`),
      operator,
      value: fc.oneof(values, fc.array(values, { minLength: 1, maxLength: 3 })),
    }),
  },
  fc.record({
    field: fc.constantFrom("consent_state", "created_at", "phone"),
    operator: operator.filter((name) => name !== "is_empty"),
    value: fc.oneof(
      fc.constantFrom<Json>(
        "OPT_IN",
        "STOP",
        "OPT",
        "+1415",
        "+14155551234",
        "2024-06-15T10:00:00.250Z",
        "2024-01-01",
        "now",
        17,
      ),
      fc.constantFrom<Json>(
        ["OPT_OUT", "STOP"],
        ["+14155551234", 5],
        ["2024-01-01", "2024-06-15T10:00:00.250Z"],
        1_718_445_600_000,
      ),
    ),
  }),
  fc.record({
    field: fc.constant("tags"),
    operator: fc.constantFrom("contains", "not_contains", "in", "exists", "not_exists"),
    value: fc.constantFrom<Json>("vip", "10", ["vip", "new"]),
  }),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.record({ operator: fc.constantFrom("and", "or"), conditions: fc.array(tie("tree"), { maxLength: 3 }) }),
    fc.record({ operator: fc.constant("not"), conditions: fc.tuple(tie("tree")) }),
  ),
}));

type Contact = { attributes: JsonObject; consent: string | null; createdAt: number; tags: string[]; phone: string };
const contact: fc.Arbitrary<Contact> = fc.record({
  attributes,
  consent: fc.constantFrom("OPT_IN", "OPT_OUT", "STOP", null),
  createdAt: fc.constantFrom(Date.UTC(2024, 0, 1), 1_718_445_600_250, 1_718_445_600_000, NOW, NOW + 1, 999),
  tags: fc.uniqueArray(fc.constantFrom("vip", "VIP", "10", "new"), { maxLength: 3 }),
  phone: fc.constantFrom("+14155551234", "+14155551235", "+447911123456"),
});

/** The field as the evaluator reads it; a list without tags is no value here. */
const fieldOf = (one: Contact, field: string): Json | undefined => {
  if (field.startsWith("attributes.")) return own(one.attributes, field.slice(11)) as Json | undefined;
  if (field === "consent_state") return one.consent ?? "OPT_IN";
  if (field === "created_at") return new Date(one.createdAt).toISOString();
  if (field === "phone") return one.phone;
  return one.tags.length > 0 ? one.tags : undefined;
};

const checked = (input: unknown): ConditionTree | undefined => {
  const strip = (node: unknown): unknown => {
    const one = node as { operator: string; conditions?: unknown[]; value?: Json };
    if (one.conditions) return { ...one, conditions: one.conditions.map(strip) };
    const { value, ...rest } = one;
    return ["exists", "not_exists", "is_empty"].includes(one.operator) ? rest : { ...rest, value };
  };
  const result = checkCondition(strip(input), { roots: ["attributes", ...COLUMNS], negation: true });
  return result.ok ? result.value : undefined;
};

const bySql = (contacts: Contact[], condition: ConditionTree): boolean[] => {
  const db = new DatabaseSync(":memory:");
  db.exec(`
    CREATE TABLE contacts (org_id TEXT, id TEXT, consent_state TEXT, created_at INTEGER, PRIMARY KEY (org_id, id)) WITHOUT ROWID;
    CREATE TABLE identities (org_id TEXT, kind TEXT, value TEXT, contact_id TEXT, PRIMARY KEY (org_id, kind, value, contact_id)) WITHOUT ROWID;
    CREATE TABLE contact_facts (org_id TEXT, name TEXT, fact TEXT, contact_id TEXT, PRIMARY KEY (org_id, name, fact, contact_id)) WITHOUT ROWID;
  `);
  const row = db.prepare("INSERT INTO contacts VALUES ('o', ?, ?, ?)");
  const identity = db.prepare("INSERT INTO identities VALUES ('o', 'phone', ?, ?)");
  const fact = db.prepare("INSERT INTO contact_facts VALUES ('o', ?, ?, ?)");
  contacts.forEach((one, index) => {
    const id = String(index);
    row.run(id, one.consent, one.createdAt);
    identity.run(one.phone, id);
    for (const tag of one.tags) fact.run("c.tags", `~s${tag}`, id);
    for (const [name, text] of factsOfAttributes(one.attributes)) fact.run(`a.${name}`, text, id);
  });
  const { where, values: bound } = segmentSql(planSegment(condition, NOW));
  const found = new Set(
    db
      .prepare(`SELECT c.id FROM contacts c WHERE c.org_id = ?1 AND ${where} AND ?2 IS NOT NULL`)
      .all("o", bound)
      .map((one) => one.id),
  );
  db.close();
  return contacts.map((_, index) => found.has(String(index)));
};

describe("a segment", () => {
  it("selects whom the evaluator selects", () => {
    fc.assert(
      fc.property(fc.array(contact, { minLength: 1, maxLength: 6 }), tree, (contacts, input) => {
        const condition = checked(input);
        fc.pre(condition !== undefined);
        const expected = contacts.map(
          (one) => evaluateCondition(condition!, (field) => fieldOf(one, field), { now: NOW }).matched,
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
        expect(unsortable(sortable(a))).toBe(a === 0 ? 0 : a);
      }),
    );
  });
});
