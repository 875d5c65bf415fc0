// Runs that events start which runs have caused: they multiply, so an organisation has a budget of them.
import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import type { StreamEvent } from "../../src/domain/event.ts";
import { grandchildrenKey, MAX_GRANDCHILDREN } from "../../src/domain/execution/start-child.ts";
import { newId } from "../../src/lib/ids.ts";
import type { LimiterRpc } from "../../src/objects/rpc.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { makeWorkflow, subscribe, trivial } from "../objects/kit.ts";
import { deliver, messageOf, outcomeOf } from "./kit.ts";

it("starts no more runs that runs have led to than the organisation may have, and the log says so", async () => {
  const { organizationId } = await makeOrganization();
  const workflow = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "fanned" }));
  await subscribe(workflow, { eventType: "fanned" });
  const { max, windowMs } = MAX_GRANDCHILDREN;
  const limiter = testEnv.LIMITER.get(testEnv.LIMITER.idFromName(grandchildrenKey(organizationId)));
  await runInDurableObject(limiter, async (object) => {
    for (let use = 1; use < max; use++) await (object as unknown as LimiterRpc).take(max, windowMs);
  });

  const fanned = (depth: number): StreamEvent => {
    const now = Date.now();
    return { id: newId(now), organizationId, type: "fanned", source: "api", data: {}, occurredAt: now, depth };
  };
  const [last, beyond, first] = [fanned(2), fanned(2), fanned(1)];
  for (const event of [last, beyond, first]) await deliver([{ body: messageOf(event) }]);
  expect(await outcomeOf(last.id)).not.toHaveProperty("stopped");
  expect(await outcomeOf(beyond.id)).toMatchObject({ started: [], stopped: "budget" });
  expect(await outcomeOf(first.id)).not.toHaveProperty("stopped");
  const runs = "SELECT count(*) AS n FROM executions WHERE workflow_id = ?1";
  expect(await db.prepare(runs).bind(workflow.workflowId).first("n")).toBe(2);
});

it("counts every run that an event starts, and starts those that the budget has room for", async () => {
  const { organizationId } = await makeOrganization();
  for (let n = 0; n < 3; n++)
    await subscribe(await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "wide" })), {
      eventType: "wide",
    });
  const { max, windowMs } = MAX_GRANDCHILDREN;
  const limiter = testEnv.LIMITER.get(testEnv.LIMITER.idFromName(grandchildrenKey(organizationId)));
  await runInDurableObject(limiter, async (object) => {
    for (let use = 2; use < max; use++) await (object as unknown as LimiterRpc).take(max, windowMs);
  });
  const now = Date.now();
  const about = { organizationId, type: "wide", source: "api", data: {} };
  const event: StreamEvent = { ...about, id: newId(now), occurredAt: now, depth: 2 };
  await deliver([{ body: messageOf(event) }]);
  const outcome = await outcomeOf(event.id);
  expect(outcome.stopped).toBe("budget");
  expect(outcome.started).toHaveLength(2);
  const { results } = await db
    .prepare("SELECT id FROM executions WHERE org_id = ?1")
    .bind(organizationId)
    .all<{ id: string }>();
  const started = outcome.started.map(({ executionId }: { executionId: string }) => executionId);
  expect(results.map(({ id }) => id).toSorted()).toEqual(started.toSorted());
});

it("leaves alone what an earlier delivery has started and could not write down", async () => {
  const { organizationId } = await makeOrganization();
  const workflow = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "again" }));
  await subscribe(workflow, { eventType: "again" });
  const { max, windowMs } = MAX_GRANDCHILDREN;
  const limiter = testEnv.LIMITER.get(testEnv.LIMITER.idFromName(grandchildrenKey(organizationId)));
  await runInDurableObject(limiter, async (object) => {
    for (let use = 1; use < max; use++) await (object as unknown as LimiterRpc).take(max, windowMs);
  });
  const now = Date.now();
  const about = { organizationId, type: "again", source: "api", data: {} };
  const event: StreamEvent = { ...about, id: newId(now), occurredAt: now, depth: 2 };
  await deliver([{ body: messageOf(event) }]);
  const first = await outcomeOf(event.id);
  expect(first.started).toHaveLength(1);
  // As after a database that went away between the start and its outcome.
  await db.batch([
    db.prepare("UPDATE events SET outcome = NULL WHERE id = ?1").bind(event.id),
    db.prepare("DELETE FROM executions WHERE org_id = ?1").bind(organizationId),
  ]);
  await deliver([{ body: messageOf(event), attempts: 2 }]);
  expect(await outcomeOf(event.id)).toEqual(first);
  const rows = "SELECT count(*) AS n FROM executions WHERE org_id = ?1";
  expect(await db.prepare(rows).bind(organizationId).first("n")).toBe(1);
});
