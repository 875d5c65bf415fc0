// What a workflow's own bounds keep from starting: its time, and how many runs a contact may have; and who starts first.
import { beforeAll, expect, it } from "vitest";
import type { StreamEvent } from "../../src/domain/event.ts";
import { newId } from "../../src/lib/ids.ts";
import { db, makeOrganization } from "../fixtures/identity.ts";
import { makeWorkflow, subscribe, type TestWorkflow, trivial } from "../objects/kit.ts";
import { deliver, messageOf, outcomeOf } from "./kit.ts";

let organizationId: string;
beforeAll(async () => {
  organizationId = (await makeOrganization()).organizationId;
});

const eventOf = (type: string, more: Partial<StreamEvent> = {}): StreamEvent => {
  const now = Date.now();
  return { id: newId(now), organizationId, type, source: "api", data: {}, occurredAt: now, depth: 0, ...more };
};

const runsOf = async ({ workflowId }: TestWorkflow) =>
  (await db.prepare("SELECT id FROM executions WHERE workflow_id = ?1").bind(workflowId).all()).results;

it("gives a contact no more runs than a workflow allows, whoever delivers what when", async () => {
  const capped = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "capped" }));
  await subscribe(capped, { eventType: "capped", rules: { perContact: { maxExecutions: 2, delayMs: 0 } } });
  const contactId = newId();
  const events = Array.from({ length: 6 }, () => eventOf("capped", { contactId }));
  await Promise.all(events.map((event) => deliver([{ body: messageOf(event) }])));
  await Promise.all(events.map((event) => deliver([{ body: messageOf(event) }])));
  const outcomes = await Promise.all(events.map(({ id }) => outcomeOf(id)));
  expect(outcomes.filter(({ started }) => started.length === 1)).toHaveLength(2);
  expect(outcomes.filter(({ missed }) => missed[0]?.reason.startsWith("The contact has had 2 of the 2"))).toHaveLength(
    4,
  );
  expect(await runsOf(capped)).toHaveLength(2);
  await deliver([{ body: messageOf(eventOf("capped", { contactId: newId() })) }]);
  expect(await runsOf(capped)).toHaveLength(3);
});

it("starts a workflow that has ended nowhere, and the one of the highest priority first", async () => {
  const over = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "ranked" }));
  await subscribe(over, { eventType: "ranked", rules: { window: { startAt: null, endAt: Date.now() - 1 } } });
  const low = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "ranked" }));
  await subscribe(low, { eventType: "ranked", priority: 1 });
  const high = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "ranked" }));
  await subscribe(high, { eventType: "ranked", priority: 100 });
  const event = eventOf("ranked");
  await deliver([{ body: messageOf(event) }]);
  const { started, missed } = await outcomeOf(event.id);
  expect(started.map((one: { workflowId: string }) => one.workflowId)).toEqual([high.workflowId, low.workflowId]);
  expect(missed).toMatchObject([{ workflowId: over.workflowId }]);
  expect(missed[0].reason).toMatch(/^The workflow starts nothing after /);
});
