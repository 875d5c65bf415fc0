// What one batch may cost, and who goes first. Work is counted, so no clock is asked.
import { expect, it } from "vitest";
import type { Waiting } from "../../../src/db/queries/subscriptions.ts";
import type { Plan } from "../../../src/domain/event/plan.ts";
import { BatchCost, callsOf, planBatch } from "../../../src/domain/event/plan-batch.ts";
import type { Listeners } from "../../../src/domain/event/read-listeners.ts";
import type { StreamEvent } from "../../../src/domain/event.ts";

const event = (organizationId: string, n: number): StreamEvent => ({
  id: `${organizationId}-${n}`,
  organizationId,
  type: "T",
  source: "api",
  data: { text: "x".repeat(1_000) },
  occurredAt: 10,
  depth: 0,
});

const waitOf = (organizationId: string, value: string): Waiting => ({
  row: 0,
  organizationId,
  eventType: "T",
  contactId: null,
  executionId: "e",
  waitKey: "w:1",
  filters: { field: "event.data.text", operator: "contains", value },
  since: 1,
});

const listenersOf = (waiting: Waiting[]): Listeners => ({
  known: new Set(),
  templates: new Map(),
  contactRuns: [],
  toldTo: new Map(),
  processed: new Set(),
  candidates: [],
  targets: [],
  waiting,
  contacts: [],
});

const idsOf = (events: { id: string }[]) => events.map(({ id }) => id);

it("plans all of a batch that costs little", async () => {
  const events = [event("a", 1), event("b", 1), event("a", 2)];
  const { plans, deferred } = await planBatch(events, listenersOf([waitOf("a", "y")]), 20, new BatchCost());
  expect(idsOf(plans.map((plan) => plan.event))).toEqual(["a-1", "b-1", "a-2"]);
  expect(deferred).toEqual([]);
  expect(plans.map(({ work }) => work > 1_000)).toEqual([true, false, true]);
});

it("gives each organisation its share and defers the rest of the one that costs much", async () => {
  const events = [1, 2, 3, 4, 5, 6].flatMap((n) => [event("heavy", n), event("light", n)]);
  // An event of `heavy` costs some 10,000.
  const waiting = Array.from({ length: 10 }, (_, n) => waitOf("heavy", `y${n}`));
  const spent = new BatchCost(50_000);
  const { plans, deferred } = await planBatch(events, listenersOf(waiting), 20, spent);
  expect(idsOf(deferred)).toEqual(["heavy-4", "heavy-5", "heavy-6"]);
  expect(plans.filter((plan) => plan.event.organizationId === "light")).toHaveLength(6);
  // What the batch has spent is spent for its later parts too.
  const later = await planBatch([event("heavy", 7), event("light", 7)], listenersOf(waiting), 20, spent);
  expect([idsOf(later.deferred), idsOf(later.plans.map((plan) => plan.event))]).toEqual([["heavy-7"], ["light-7"]]);
});

it("ends where the batch as a whole has cost enough, after the first of each organisation while there is room", async () => {
  const names = ["a", "b", "c", "d"];
  const events = names.flatMap((name) => [event(name, 1), event(name, 2)]);
  const waiting = names.flatMap((name) => Array.from({ length: 10 }, (_, n) => waitOf(name, `y${n}`)));
  const { plans, deferred } = await planBatch(events, listenersOf(waiting), 20, new BatchCost(25_000));
  expect(idsOf(plans.map((plan) => plan.event))).toEqual(["a-1", "b-1", "c-1"]);
  expect(deferred).toHaveLength(5);
  const alone = await planBatch([event("a", 3)], listenersOf(waiting), 20, new BatchCost(1));
  expect(alone.plans).toHaveLength(1);
});

it("leaves to a later batch what has more runs to call than there is room for, but for the first", async () => {
  const waitsOf = (name: string, count: number) =>
    Array.from({ length: count }, () => ({ ...waitOf(name, "x"), filters: null }));
  const waiting = [...waitsOf("many", 7), ...waitsOf("few", 2)];
  const spent = new BatchCost(1_000_000, 8);
  const { plans, deferred } = await planBatch(
    [event("few", 1), event("many", 1), event("few", 2)],
    listenersOf(waiting),
    20,
    spent,
  );
  expect([idsOf(plans.map((plan) => plan.event)), idsOf(deferred)]).toEqual([["few-1", "few-2"], ["many-1"]]);
  const first = [event("many", 1), event("none", 1), event("few", 1)];
  const alone = await planBatch(first, listenersOf(waiting), 20, new BatchCost(1_000_000, 8));
  expect(alone.plans[0]!.deliveries).toHaveLength(7);
  expect([idsOf(alone.plans.map((plan) => plan.event)), idsOf(alone.deferred)]).toEqual([
    ["many-1", "none-1"],
    ["few-1"],
  ]);
});

it("gives each organisation its share of the calls, and the others theirs, however many one would make", async () => {
  const unfiltered = (name: string) => ({ ...waitOf(name, "x"), filters: null });
  const waiting = [...Array.from({ length: 3 }, () => unfiltered("storm")), unfiltered("other")];
  const events = [1, 2, 3, 4, 5, 6].flatMap((n) => [event("storm", n), event("storm", n + 10), event("other", n)]);
  const spent = new BatchCost(1_000_000, 16);
  const { plans, deferred } = await planBatch(events, listenersOf(waiting), 20, spent);
  expect(idsOf(plans.map((plan) => plan.event))).toEqual([
    ...["storm-1", "other-1", "storm-11", "other-2", "other-3", "other-4", "other-5", "other-6"],
  ]);
  expect(deferred).toHaveLength(10);
});

it("counts a start that has a budget with what asking for it costs", () => {
  const planOf = (depth: number, capped: unknown[] = []) =>
    ({ event: { ...event("a", 1), depth }, starts: [{}, {}], capped, deliveries: [{}] }) as unknown as Plan;
  expect([0, 1, 2, 3].map((depth) => callsOf(planOf(depth)))).toEqual([3, 3, 7, 7]);
  expect(callsOf(planOf(0, [{}]))).toBe(4);
});
