import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/engine/contract.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { triggerTypes } from "../../src/triggers/index.ts";
import { lookupKeys, matchEvent } from "../../src/triggers/match-event.ts";
import { SubscriptionIndex } from "../../src/triggers/subscription-index.ts";
import type { Subscription } from "../../src/triggers/trigger.ts";

const NOW = Date.UTC(2026, 0, 1);

const event = (type: string, data: JsonObject = {}, more: Partial<RunEvent> = {}): RunEvent => ({
  id: "e1",
  type,
  source: "test",
  data,
  occurredAt: NOW,
  ...more,
});

/** The subscription of a trigger node, as publishing makes it. */
const listening = (workflowId: string, nodeId: string, type: string, config: JsonObject): Subscription => {
  const trigger = triggerTypes.get(type)!;
  return { ...trigger.subscriptions(trigger.schema.parse(config))[0]!, workflowId, nodeId, triggerType: type };
};

const match = (what: RunEvent, subscriptions: Subscription[]) =>
  matchEvent(what, new SubscriptionIndex(subscriptions.filter(({ eventType }) => eventType === what.type)), {
    now: NOW,
  });

const startsOf = (what: RunEvent, ...subscriptions: Subscription[]) =>
  Object.fromEntries(match(what, subscriptions).starts);

describe("matchEvent", () => {
  const test = listening("w1", "a", "trigger_command", { command_name: "!Test" });
  const anyMessage = listening("w2", "b", "trigger_event", { event_type: "MESSAGE_RECEIVED" });

  it("starts by command, by type, or not at all", () => {
    const said = (content: string) => event("MESSAGE_RECEIVED", { content });
    expect(startsOf(said("!test foo"), test, anyMessage)).toEqual({ w1: ["a"], w2: ["b"] });
    expect(startsOf(said("!testing"), test, anyMessage)).toEqual({ w2: ["b"] });
    expect(startsOf(event("MESSAGE_SENT", { content: "!test" }), test, anyMessage)).toEqual({});
    // Whom no key of the event finds is not asked, and has missed nothing.
    expect(match(said("hi"), [test]).misses).toEqual([]);
  });

  it("starts a workflow once, at all of its nodes that match", () => {
    const twice = [test, listening("w1", "c", "trigger_event", { event_type: "MESSAGE_RECEIVED" }), test];
    expect(startsOf(event("MESSAGE_RECEIVED", { content: "!test" }), ...twice)).toEqual({ w1: ["a", "c"] });
  });

  it("filters by event, contact, user and variables, and names the comparison that failed", () => {
    const filters = {
      operator: "and",
      conditions: [
        { field: "event.data.total", operator: "greater", value: 10 },
        { field: "user.score", operator: "greater", value: 5 },
        { field: "contact.attributes.score", operator: "less", value: 10 },
        { field: "variables.region", operator: "equals", value: "EU" },
      ],
    };
    const paid = {
      ...listening("w", "n", "trigger_event", { event_type: "paid", filters }),
      variables: { region: "EU" },
    };
    const contact = { id: "c1", attributes: { score: 7 } };
    expect(startsOf(event("paid", { total: 11 }, { contact }), paid)).toEqual({ w: ["n"] });
    expect(startsOf(event("paid", { total: 11 }), paid)).toEqual({});
    expect(startsOf(event("paid", { total: 11 }, { contact }), { ...paid, variables: {} })).toEqual({});
    expect(match(event("paid", { total: 9 }, { contact }), [paid]).misses).toMatchObject([
      { workflowId: "w", failed: { path: "conditions.0", field: "event.data.total", actual: 9, expected: 10 } },
    ]);
  });

  it("never reads a prototype", () => {
    const filters = { field: "event.data.constructor.name", operator: "exists" };
    const parsed = triggerTypes.get("trigger_event")!.schema.safeParse({ event_type: "x", filters });
    expect(parsed.error?.issues[0]?.path).toEqual(["filters", "field"]);
  });
});

it("look-up keys come only with what a person wrote", () => {
  expect(lookupKeys(event("MESSAGE_RECEIVED", { content: "!Test me" }))).toEqual([
    ...["!test", "!test me"],
    ...[" keyword !", " keyword TEST", " keyword ME"],
  ]);
  expect(lookupKeys(event("MESSAGE_RECEIVED", { template_ids: ["HX1", "t1", 5] }))).toEqual([
    ...[" template HX1", " template t1"],
  ]);
  expect(lookupKeys(event("MESSAGE_RECEIVED", { content: 5 }))).toEqual([]);
  expect(lookupKeys(event("TAG_ADDED", { content: "!test" }))).toEqual([]);
});

it("webhooks, schedules and manual starts subscribe to nothing", () => {
  const silent = [...triggerTypes.values()].filter(({ startedBy }) => startedBy !== "stream");
  expect(silent.map(({ type }) => type).sort()).toEqual(["trigger_manual", "trigger_schedule", "trigger_webhook"]);
  for (const type of silent) expect(type.subscriptions({})).toEqual([]);
});

describe("keywords", () => {
  const keywords = (workflowId: string, nodeId: string, ...said: string[]): Subscription[] => {
    const trigger = triggerTypes.get("trigger_keyword")!;
    const terms = trigger.subscriptions(trigger.schema.parse({ keywords: said }));
    return terms.map((one) => ({ ...one, workflowId, nodeId, triggerType: "trigger_keyword" }));
  };
  const said = (content: string) => event("MESSAGE_RECEIVED", { content });
  const all = [
    ...keywords("w2", "a", "book", "menu"),
    ...keywords("w1", "b", "book a table", "table"),
    ...keywords("w3", "c", "Book", "🍕"),
    ...keywords("w2", "d", "book"),
    listening("w4", "e", "trigger_event", { event_type: "MESSAGE_RECEIVED" }),
    listening("w5", "f", "trigger_command", { command_name: "book" }),
  ];
  const reversed = all.toReversed();

  it.each<[string, Record<string, string[]>]>([
    ["BOOK", { w2: ["a", "d"], w4: ["e"], w5: ["f"] }],
    ["may I book?", { w2: ["a", "d"], w4: ["e"] }],
    ["please, book a table", { w1: ["b"], w4: ["e"] }],
    ["booking", { w4: ["e"] }],
    ["a 🍕!", { w3: ["c"], w4: ["e"] }],
  ])("%j starts one workflow by its keyword, whatever the order, and others beside it", (content, starts) => {
    expect(startsOf(said(content), ...all)).toEqual(starts);
    const found = startsOf(said(content), ...reversed);
    expect(Object.fromEntries(Object.entries(found).map(([id, nodes]) => [id, nodes.toSorted()]))).toEqual(starts);
  });

  it("who lost learns which keyword has won", () => {
    expect(match(said("book a table"), keywords("w9", "z", "table").concat(all)).misses).toContainEqual({
      workflowId: "w9",
      nodeId: "z",
      reason: "The message says 'book a table' of workflow w1",
    });
  });

  it("an event of another type says nothing", () => {
    expect(startsOf(event("MESSAGE_SENT", { content: "book" }), ...all)).toEqual({});
  });

  it("refuses what can never be said", () => {
    const { schema } = triggerTypes.get("trigger_keyword")!;
    for (const wrong of [[], [" "], ["x".repeat(101)], "hi", undefined, [5]])
      expect(schema.safeParse({ keywords: wrong }).success).toBe(false);
  });

  it("the output says which keyword it was", () => {
    const { output } = triggerTypes.get("trigger_keyword")!;
    expect(output!({ keywords: ["hi", "Hello there"] }, { content: "oh, hello  there" })).toEqual({
      content: "oh, hello  there",
      keyword: "Hello there",
    });
  });
});
