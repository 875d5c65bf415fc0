import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/engine/contract.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { triggerTypes } from "../../src/triggers/index.ts";
import { lookupKeys, matchEvent } from "../../src/triggers/match-event.ts";
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
  return { ...trigger.subscription(trigger.schema.parse(config))!, workflowId, nodeId, triggerType: type };
};

const startsOf = (what: RunEvent, ...subscriptions: Subscription[]) =>
  Object.fromEntries(matchEvent(what, subscriptions, NOW).starts);

describe("matchEvent", () => {
  const test = listening("w1", "a", "trigger_command", { command_name: "!Test" });
  const anyMessage = listening("w2", "b", "trigger_event", { event_type: "MESSAGE_RECEIVED" });

  it("starts by command, by type, or not at all, and says why not", () => {
    const said = (content: string) => event("MESSAGE_RECEIVED", { content });
    expect(startsOf(said("!test foo"), test, anyMessage)).toEqual({ w1: ["a"], w2: ["b"] });
    expect(startsOf(said("!testing"), test, anyMessage)).toEqual({ w2: ["b"] });
    expect(startsOf(event("MESSAGE_SENT", { content: "!test" }), test, anyMessage)).toEqual({});
    expect(matchEvent(said("hi"), [test], NOW).misses).toEqual([
      { workflowId: "w1", nodeId: "a", reason: "It waits for '!test', which the event does not say" },
    ]);
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
    expect(matchEvent(event("paid", { total: 9 }, { contact }), [paid], NOW).misses).toMatchObject([
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
  expect(lookupKeys(event("MESSAGE_RECEIVED", { content: "!Test me" }))).toEqual(["!test", "!test me"]);
  expect(lookupKeys(event("MESSAGE_RECEIVED", { content: 5 }))).toEqual([]);
  expect(lookupKeys(event("TAG_ADDED", { content: "!test" }))).toEqual([]);
});

it("webhooks, schedules and manual starts subscribe to nothing", () => {
  const silent = [...triggerTypes.values()].filter(({ startedBy }) => startedBy !== "stream");
  expect(silent.map(({ type }) => type).sort()).toEqual(["trigger_manual", "trigger_schedule", "trigger_webhook"]);
  for (const type of silent) expect(type.subscription({})).toBeNull();
});
