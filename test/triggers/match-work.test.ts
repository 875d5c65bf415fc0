import { expect, it } from "vitest";
import { matchEvent } from "../../src/triggers/match-event.ts";
import { SubscriptionIndex } from "../../src/triggers/subscription-index.ts";
import type { Subscription } from "../../src/triggers/trigger.ts";

const HEAVY = "(?:a|b){700}z";
const listening = (workflowId: string, patterns: string[]): Subscription => ({
  workflowId,
  nodeId: "t",
  triggerType: "trigger_event",
  eventType: "MESSAGE_RECEIVED",
  matchKey: null,
  filters: {
    operator: "or",
    conditions: patterns.map((value) => ({ field: "event.data.content", operator: "regex" as const, value })),
  },
});
const event = (content: string) => ({
  id: "e",
  type: "MESSAGE_RECEIVED",
  source: "s",
  data: { content },
  occurredAt: 1,
});

it("filters that do too much work on an event miss it, and say so; others are judged as ever", () => {
  const patterns = Array.from({ length: 200 }, (_, index) => `${HEAVY}${index}`);
  const started = performance.now();
  const { starts, misses } = matchEvent(
    event("ab".repeat(4_900)),
    new SubscriptionIndex([listening("heavy", patterns), listening("fine", ["^ab"]), listening("other", ["^x"])]),
    { now: 1 },
  );
  expect([...starts.keys()]).toEqual(["fine"]);
  expect(misses).toMatchObject([
    { workflowId: "heavy", reason: "The filters do too much work on this event" },
    { workflowId: "other", reason: 'event.data.content does not match "^x"' },
  ]);
  expect(performance.now() - started).toBeLessThan(5_000);
});

it("a thousand listeners together do no more than an event may cost", () => {
  const many = Array.from({ length: 1_000 }, (_, index) => listening(`w${index}`, [`(?:a|b){100}y${index}`]));
  const { misses } = matchEvent(event("ab".repeat(1_000)), new SubscriptionIndex(many), { now: 1 });
  expect(misses).toHaveLength(1_000);
  const given = misses.filter(({ reason }) => reason.includes("too much work"));
  expect(given.length).toBeGreaterThan(500);
  expect(given.length).toBeLessThan(1_000);
});
