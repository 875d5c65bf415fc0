// The index answers as asking everybody would: the same starts, and the same misses with the same first condition that failed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/engine/contract.ts";
import { type ConditionTree, checkCondition, evaluateCondition } from "../../src/engine/expression/condition.ts";
import type { Json, JsonObject } from "../../src/lib/json.ts";
import { FILTER_ROOTS, filterFields } from "../../src/triggers/filter-fields.ts";
import { matchEvent } from "../../src/triggers/match-event.ts";
import { SubscriptionIndex } from "../../src/triggers/subscription-index.ts";
import type { Subscription } from "../../src/triggers/trigger.ts";

const NOW = Date.UTC(2026, 0, 1);

/** Few, so that they meet; near each other in all the ways in which values are equal, contain each other or fold into one. */
const TEXTS = [
  ...["", "coupon", "COUPON", "a coupon, please", "cou", "co", "no", "10", "10.0", "010", "true", "null", "premium"],
  ...[
    "سلام، کد تخفیف دارید؟",
    "کد تخفیف",
    "تخفیف",
    "می‌تونم",
    "straße",
    "STRASSE",
    "e\u0301cole",
    "école",
    "ECOLE",
    "ΣΊΣΥΦΟΣ",
    "ﬁnd",
  ],
  ...["İstanbul", "istanbul", "😀😀"],
];
const scalar = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.constantFrom(0, -0, 10, 2.5, 1e21),
  fc.boolean(),
  fc.constant(null),
);
const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  fc.array(scalar, { maxLength: 3 }),
  fc.constantFrom<Json>({}, { a: 1 }, [[10]], [{ a: 1 }]),
);

const FIELDS = [
  "event.data.a",
  "event.data.b",
  "event.data.list",
  "event.source",
  "user.tags",
  "user.score",
  "user.id",
];
const OPERATORS = [
  ...["equals", "equals", "in", "contains", "icontains", "starts_with", "ends_with"],
  ...["not_equals", "not_contains", "not_in", "exists", "not_exists", "is_empty", "greater"],
];
const comparison = fc
  .record({
    field: fc.constantFrom(...FIELDS, "variables.region"),
    operator: fc.constantFrom(...OPERATORS),
    value: fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 4 })),
  })
  .filter((input) => checkCondition(input, { roots: FILTER_ROOTS }).ok);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    comparison,
    fc.record({ operator: fc.constantFrom("and", "or"), conditions: fc.array(tie("tree"), { maxLength: 3 }) }),
    fc.record({ operator: fc.constant("not"), conditions: fc.tuple(tie("tree")) }),
  ),
}));

const saved = (input: unknown): ConditionTree => {
  const checked = checkCondition(input, { roots: FILTER_ROOTS, negation: true });
  if (!checked.ok) throw new Error(JSON.stringify(checked.error));
  return checked.value;
};

const subscription: fc.Arbitrary<Omit<Subscription, "nodeId">> = fc.record({
  workflowId: fc.constantFrom(..."abcdefgh"),
  eventType: fc.constant("MESSAGE_RECEIVED"),
  matchKey: fc.constantFrom(null, null, null, "cou", "coupon"),
  triggerType: fc.constant("trigger_event"),
  filters: fc.option(tree.map(saved), { freq: 8 }),
  variables: fc.constantFrom<JsonObject>({}, { region: "coupon" }),
});

const event: fc.Arbitrary<RunEvent> = fc.record({
  id: fc.constant("e"),
  type: fc.constant("MESSAGE_RECEIVED"),
  source: fc.constantFrom("coupon", "test"),
  data: fc.dictionary(fc.constantFrom("a", "b", "list", "content"), value),
  occurredAt: fc.constant(NOW),
  contact: fc.record({
    id: fc.constant("10"),
    tags: fc.array(fc.constantFrom(...TEXTS)),
    attributes: fc.dictionary(fc.constant("score"), value),
  }),
});

/** Everybody is asked, one after the other. */
const plainly = (what: RunEvent, keys: readonly string[], all: readonly Subscription[], most: number) => {
  const fieldOf = filterFields(what);
  const starts = new Map<string, string[]>();
  const misses: unknown[] = [];
  const asked = all.filter(({ matchKey }) => matchKey === null || keys.includes(matchKey));
  const judge = ({ filters, variables }: Subscription) =>
    filters === null
      ? { matched: true }
      : evaluateCondition(filters, (field) => fieldOf(field, variables), { now: NOW });
  for (const one of asked)
    if (judge(one).matched) starts.set(one.workflowId, [...(starts.get(one.workflowId) ?? []), one.nodeId]);
  for (const one of asked) {
    const { workflowId, nodeId } = one;
    const { matched, failed } = judge(one) as ReturnType<typeof evaluateCondition>;
    if (!matched && !starts.has(workflowId) && misses.length < most) misses.push({ workflowId, nodeId, failed });
  }
  return { starts: [...starts], misses };
};

describe("the index of subscriptions", () => {
  it("answers as asking everybody would", () => {
    fc.assert(
      fc.property(
        fc.array(subscription, { minLength: 9, maxLength: 40 }),
        fc.array(event, { minLength: 4, maxLength: 6 }),
        fc.integer({ min: 0, max: 12 }),
        fc.subarray(["cou", "coupon", "other"]),
        (made, events, maxMisses, keys) => {
          const all = made.map((one, position): Subscription => ({ ...one, nodeId: `n${position}` }));
          const index = new SubscriptionIndex(all);
          for (const what of events) {
            const { starts, misses } = matchEvent(what, index, { now: NOW, keys, maxMisses });
            expect({
              starts: [...starts],
              misses: misses.map(({ workflowId, nodeId, failed }) => ({ workflowId, nodeId, failed })),
            }).toEqual(plainly(what, keys, all, maxMisses));
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  const many = (filters: (n: number) => unknown): Subscription[] =>
    Array.from({ length: 1_000 }, (_, n) => ({
      ...{ workflowId: `w${n}`, nodeId: "t", eventType: "order", matchKey: null, triggerType: "trigger_event" },
      filters: saved(filters(n)),
    }));
  const order = (data: JsonObject): RunEvent => ({ id: "e", type: "order", source: "s", data, occurredAt: NOW });
  const candidatesOf = (index: SubscriptionIndex, what: RunEvent) => {
    for (let time = 0; time < 3; time++) index.candidates([], filterFields(what));
    return index.candidates([], filterFields(what));
  };
  const kind = { field: "event.data.kind", operator: "equals", value: "order" };
  it.each<[string, (n: number) => unknown, JsonObject, number]>([
    [
      "the equality that fewest share",
      (n) => [kind, { operator: "or", conditions: [{ field: "event.data.sku", operator: "equals", value: n }] }],
      { kind: "order", sku: "17" },
      1,
    ],
    ["one of a list", (n) => ({ field: "event.data.sku", operator: "in", value: [n, n + 1] }), { sku: 17 }, 2],
    [
      "an element",
      (n) => ({ field: "event.data.tags", operator: "contains", value: `tag ${n}` }),
      { tags: ["tag 17"] },
      2,
    ],
    [
      "a piece of text, whatever its case",
      (n) => [
        kind,
        { field: "event.data.content", operator: "icontains", value: `Coupon ${String(n).padStart(4, "0")}` },
      ],
      { kind: "order", content: "may I have COUPON 0017?" },
      12,
    ],
  ])("asks few of a thousand: %s", (_, filters, data, most) => {
    const subscriptions = many(filters);
    const found = candidatesOf(new SubscriptionIndex(subscriptions), order(data));
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThanOrEqual(most);
    const { starts } = matchEvent(order(data), new SubscriptionIndex(subscriptions), { now: NOW });
    expect([...starts.keys()].every((id) => found.includes(Number(id.slice(1))))).toBe(true);
  });

  it.each<[Json, string, Json]>([
    [10, "equals", "10.0"],
    ["10.0", "equals", 10],
    [null, "equals", null],
    [{ a: 1 }, "equals", { a: 1 }],
    [["x", "y"], "in", ["y", "z"]],
    [["x"], "in", [["x"], "z"]],
    [[10], "contains", "010"],
    [1234, "contains", 234],
    ["Coupon", "icontains", "cOUPON"],
    [["STRASSE"], "icontains", "straße"],
    ["سلام، کد تخفیف دارید؟", "icontains", "کد تخفیف"],
    [true, "starts_with", "tru"],
    ["coupon", "ends_with", "upon"],
  ])("finds %j, which %s %j", (actual, operator, value) => {
    const subscriptions = many((n) => ({
      field: "event.data.a",
      ...(n === 999 ? { operator, value } : { operator: "equals", value: n + 5_000 }),
    }));
    expect(candidatesOf(new SubscriptionIndex(subscriptions), order({ a: actual }))).toEqual([999]);
  });

  it("a text that is too long to look up asks everybody", () => {
    const index = new SubscriptionIndex(
      many((n) => ({ field: "event.data.content", operator: "icontains", value: `coupon${n}` })),
    );
    expect(candidatesOf(index, order({ content: "x".repeat(30_000) }))).toHaveLength(1_000);
  });
});
