// What bounds the starts of workflows on an event: times, contacts' runs, and priorities.
import { expect, it } from "vitest";
import type { ContactRow } from "../../../src/db/queries/contacts.ts";
import type { Candidate } from "../../../src/db/queries/subscriptions.ts";
import { type ClaimedRuns, claimRun } from "../../../src/domain/contact/claim-run.ts";
import { claimRuns } from "../../../src/domain/event/claim-runs.ts";
import { planEvent } from "../../../src/domain/event/plan.ts";
import type { Listeners } from "../../../src/domain/event/read-listeners.ts";
import type { StreamEvent } from "../../../src/domain/event.ts";
import type { Json } from "../../../src/lib/json.ts";

const NOW = 1_700_000_000_000;

const eventOf = (n: number, contactId?: string): StreamEvent => ({
  id: `00000000-0000-7000-8000-00000000000${n}`,
  organizationId: "o",
  type: "T",
  source: "api",
  ...(contactId === undefined ? {} : { contactId }),
  data: {},
  occurredAt: NOW,
  depth: 0,
});

const candidate = (workflowId: string, rules: Json, priority = 0, nodeId = "t"): Candidate => ({
  organizationId: "o",
  eventType: "T",
  matchKey: null,
  workflowId,
  versionId: `v-${workflowId}`,
  nodeIds: [nodeId],
  triggerType: "trigger_event",
  filters: null,
  terms: null,
  variables: {},
  rules,
  priority,
});

const listenersOf = (candidates: Candidate[]): Listeners => ({
  known: new Set(),
  templates: new Map(),
  contactRuns: [],
  toldTo: new Map(),
  processed: new Set(),
  candidates,
  targets: [],
  waiting: [],
  contacts: [] as ContactRow[],
});

const asker = (breaks: (contactId: string) => boolean = () => false) => {
  const kept = new Map<string, ClaimedRuns>();
  return async (_: string, contactId: string, claim: Parameters<typeof claimRun>[1]) => {
    if (breaks(contactId)) throw new Error("away");
    const answer = claimRun(kept.get(contactId), claim, NOW);
    if (answer.kept) kept.set(contactId, answer.kept);
    return answer.claimed;
  };
};

it("starts nothing outside a workflow's time, and says so", async () => {
  const ended = candidate("ended", { window: { startAt: null, endAt: NOW - 1 } });
  const open = candidate("open", { window: { startAt: NOW, endAt: null } });
  const { starts, outcome } = await planEvent(eventOf(1), listenersOf([ended, open]), NOW);
  expect(starts.map(({ workflowId }) => workflowId)).toEqual(["open"]);
  expect(outcome.missed).toEqual([
    { workflowId: "ended", reason: `The workflow starts nothing after ${new Date(NOW - 1).toISOString()}` },
  ]);
});

it("starts by the highest priority among a workflow's triggers that matched", async () => {
  const candidates = [candidate("low", null, 10), candidate("two", null, 5), candidate("two", null, 90, "u")];
  const { starts, priorities } = await planEvent(eventOf(1), listenersOf(candidates), NOW);
  expect(starts.map(({ workflowId }) => workflowId)).toEqual(["two", "low"]);
  expect([...priorities.values()]).toEqual([90, 10]);
});

it("lets a contact have so many runs, counted over the batch, and nobody else's", async () => {
  const rules = { perContact: { maxExecutions: 1, delayMs: 0 } };
  const listeners = listenersOf([candidate("once", rules), candidate("ever", null)]);
  const events = [eventOf(1, "ada"), eventOf(2, "ada"), eventOf(3, "bob"), eventOf(4)];
  const planned = await Promise.all(events.map((event) => planEvent(event, listeners, NOW)));
  const ask = asker();
  const { plans, failed } = await claimRuns(planned, ask);
  expect(failed.size).toBe(0);
  expect(plans.map(({ starts }) => starts.map(({ workflowId }) => workflowId))).toEqual([
    ["once", "ever"],
    ["ever"],
    ["once", "ever"],
    ["once", "ever"],
  ]);
  expect(plans[1]!.outcome.started.map(({ workflowId }) => workflowId)).toEqual(["ever"]);
  expect(plans[1]!.outcome.missed).toEqual([
    { workflowId: "once", reason: "The contact has had 1 of the 1 executions that the workflow allows" },
  ]);
  // The batch comes again.
  const again = await claimRuns(planned, ask);
  expect(again.plans.map(({ starts }) => starts.length)).toEqual([2, 1, 2, 2]);
});

it("starts nothing of whom cannot be asked, and lets their event come again", async () => {
  const rules = { perContact: { maxExecutions: 1, delayMs: 0 } };
  const listeners = listenersOf([candidate("once", rules)]);
  const planned = await Promise.all(
    [eventOf(1, "ada"), eventOf(2, "bob")].map((one) => planEvent(one, listeners, NOW)),
  );
  const { plans, failed } = await claimRuns(
    planned,
    asker((contactId) => contactId === "ada"),
  );
  expect(plans.map(({ starts }) => starts.length)).toEqual([0, 1]);
  expect([...failed]).toEqual([[planned[0]!.event.id, "away"]]);
});
