// Dead letters as people see them: listed, read, replayed, and audited.
import { beforeAll, describe, expect, it } from "vitest";
import { listDeadLetterRows } from "../../../src/db/queries/dead-letters.ts";
import { storeDeadLetters } from "../../../src/domain/dead-letter/store.ts";
import type { StreamEvent } from "../../../src/domain/event.ts";
import { newId } from "../../../src/lib/ids.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";
import { CountingWorld } from "../../objects/counting.ts";
import { eventually, makeWorkflow, subscribe, trivial } from "../../objects/kit.ts";

const { fetch } = testApp({ ports: { inbox: makePorts(testEnv).inbox } });
let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

const get = async (path: string, who = owner) => {
  const response = await fetch(`/api/v2/dead-letters${path}`, { headers: who.headers });
  return {
    status: response.status,
    body: (await response.json()) as {
      deadLetters: { id: string; replayed_at: string | null }[];
      pagination: { total: number };
    },
  };
};
const replay = async (id: string, who = owner) => {
  const response = await fetch(`/api/v2/dead-letters/${id}/replay`, { method: "POST", headers: who.headers });
  return { status: response.status, body: (await response.json()) as { error?: { message: string } } };
};

const eventOf = (organizationId: string, type = "lost"): StreamEvent => ({
  id: newId(),
  organizationId,
  type,
  source: "api",
  data: { n: 1 },
  occurredAt: Date.now(),
  depth: 0,
});

const bury = async (
  event: StreamEvent,
  body: object = { id: event.id, organizationId: event.organizationId, event },
) => {
  await storeDeadLetters(db, "events", [{ id: newId(), body, error: "it broke", attempts: 6 }], Date.now());
  return `events-${event.id}`;
};

describe("/api/v2/dead-letters", () => {
  it("lists them, newest first, by queue and by whether they were replayed", async () => {
    const tenant = await makeOrganization();
    const [first, second] = [eventOf(tenant.organizationId), eventOf(tenant.organizationId)];
    const ids = [await bury(first), await bury(second)];
    await db.prepare("UPDATE dead_letters SET created_at = 5, replayed_at = 6 WHERE id = ?1").bind(ids[0]).run();
    const all = await get("", tenant);
    expect(all.body.deadLetters.map((letter) => letter.id)).toEqual([ids[1], ids[0]]);
    expect(all.body.deadLetters[0]).toMatchObject({
      queue: "events",
      subject_id: second.id,
      error: "it broke",
      attempts: 6,
      replayed_at: null,
    });
    expect((await get("?status=open", tenant)).body.deadLetters.map((letter) => letter.id)).toEqual([ids[1]]);
    expect((await get("?status=replayed", tenant)).body.deadLetters.map((letter) => letter.id)).toEqual([ids[0]]);
    expect((await get("?queue=projections", tenant)).body.pagination.total).toBe(0);
    expect((await get("?queue=other", tenant)).status).toBe(400);
    expect((await get("?limit=1&page=2", tenant)).body.deadLetters.map((letter) => letter.id)).toEqual([ids[0]]);
  });

  it("replays an event as what it was, and says so in the audit log", async () => {
    const workflow = await makeWorkflow(owner.organizationId, trivial("trigger_event", { event_type: "lost" }));
    await subscribe(workflow, { eventType: "lost" });
    const event = eventOf(owner.organizationId);
    const id = await bury(event);
    expect((await replay(id)).status).toBe(200);
    await eventually(() =>
      db
        .prepare("SELECT 1 FROM executions WHERE workflow_id = ?1 AND event_id = ?2")
        .bind(workflow.workflowId, event.id)
        .first(),
    );
    expect((await get(`?status=open`)).body.deadLetters.map((letter) => letter.id)).not.toContain(id);
    const audit = await db.prepare("SELECT actor, action FROM audit WHERE target_id = ?1").bind(id).first();
    expect(audit).toEqual({ actor: `user:${owner.userId}`, action: "dead_letter.replayed" });
    // Again: the same event starts nothing twice.
    await replay(id);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { n } = (await db
      .prepare("SELECT count(*) AS n FROM executions WHERE workflow_id = ?1")
      .bind(workflow.workflowId)
      .first<{ n: number }>())!;
    expect(n).toBe(1);
  });

  it("says what cannot be replayed", async () => {
    const event = eventOf(owner.organizationId);
    const without = await bury(event, { id: event.id, organizationId: owner.organizationId });
    expect(await replay(without)).toMatchObject({
      status: 422,
      body: { error: { message: expect.stringContaining("no event") } },
    });
    // An event of somebody else inside a letter of ours.
    const foreign = eventOf(newId());
    const forged = await bury(foreign, { id: foreign.id, organizationId: owner.organizationId, event: foreign });
    expect((await replay(forged)).status).toBe(422);
  });

  /** The same event as if it had happened `days` ago. */
  const aged = (days: number): StreamEvent => {
    const at = Date.now() - days * 86_400_000;
    return { ...eventOf(owner.organizationId), id: newId(at), occurredAt: at };
  };

  it("replays no event whose runs may be forgotten: they would start again", async () => {
    const old = await replay(await bury(aged(29.5)));
    expect(old).toMatchObject({ status: 422, body: { error: { message: expect.stringContaining("30 days") } } });
    // Whichever of its times is the older.
    const event = eventOf(owner.organizationId);
    expect((await replay(await bury({ ...event, id: newId(Date.now() - 40 * 86_400_000) }))).status).toBe(422);
    expect((await replay(await bury(aged(28)))).status).toBe(200);
    const { n } = (await db
      .prepare(
        "SELECT count(*) AS n FROM dead_letters WHERE org_id = ?1 AND replayed_at IS NULL AND created_at > ?2 AND subject_id < ?3",
      )
      .bind(owner.organizationId, Date.now() - 60_000, newId(Date.now() - 86_400_000))
      .first<{ n: number }>())!;
    expect(n).toBe(2);
  });

  const buryReport = async (days: number): Promise<{ letter: string; executionId: string }> => {
    const at = Date.now() - days * 86_400_000;
    const executionId = newId(at);
    const run = { executionId, organizationId: owner.organizationId, workflowId: newId(), versionId: newId(), seq: 4 };
    const end = {
      status: "completed",
      startedAt: at,
      endedAt: at + 5,
      nodesExecuted: 1,
      error: null,
      errorNodeId: null,
    };
    const rest = { nextWakeAt: null, dryRun: false, eventId: null, triggerType: "lost", priority: 5, parentId: null };
    const body = { ...run, ...end, ...rest, steps: [] };
    await storeDeadLetters(db, "projections", [{ id: newId(), body, error: "it broke", attempts: 11 }], Date.now());
    return { letter: `projections-${executionId}`, executionId };
  };
  const statusOf = (executionId: string) =>
    db.prepare("SELECT status FROM executions WHERE id = ?1").bind(executionId).first<string>("status");

  it("replays no report of a run that the lists have forgotten: it would count twice", async () => {
    const forgotten = await buryReport(31);
    const refused = await replay(forgotten.letter);
    expect(refused).toMatchObject({
      status: 422,
      body: { error: { message: expect.stringContaining("no longer listed") } },
    });
    expect(await statusOf(forgotten.executionId)).toBeNull();
    // One that is still listed is written, however old.
    const listed = await buryReport(31);
    await db
      .prepare(
        `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, created_at, updated_at)
         SELECT ?1, ?2, body ->> 'workflowId', 'v', 'running', 1, 'lost', 1, 1 FROM dead_letters WHERE id = ?3`,
      )
      .bind(owner.organizationId, listed.executionId, listed.letter)
      .run();
    expect((await replay(listed.letter)).status).toBe(200);
    expect(await statusOf(listed.executionId)).toBe("completed");
    const young = await buryReport(2);
    expect((await replay(young.letter)).status).toBe(200);
    expect(await statusOf(young.executionId)).toBe("completed");
  });

  it("reads no more letters than it lists, newest first", async () => {
    const { organizationId } = await makeOrganization();
    await db
      .prepare(
        `INSERT INTO dead_letters (org_id, id, queue, body, error, attempts, created_at)
         SELECT ?1, 'events-' || (value * 7919 % 1000), 'events', '{}', 'e', 1, value FROM json_each(?2)`,
      )
      .bind(organizationId, JSON.stringify(Array.from({ length: 1_000 }, (_, index) => index)))
      .run();
    const world = new CountingWorld();
    const { rows, total } = await listDeadLetterRows(world.env.DB, organizationId, {}, { limit: 20, offset: 20 });
    expect(rows.map(({ createdAt }) => createdAt)).toEqual(Array.from({ length: 20 }, (_, index) => 979 - index));
    expect(total).toBe(1_000);
    // The total is a count over the index alone.
    expect(world.take().d1.rowsRead).toBeLessThanOrEqual(1_000 + 45);
  });

  it("lists no large body, and shows it when it is asked for", async () => {
    const tenant = await makeOrganization();
    const event = { ...eventOf(tenant.organizationId), data: { text: "x".repeat(20_000) } };
    const id = await bury(event);
    const listed = await get("", tenant);
    expect(listed.body.deadLetters).toMatchObject([{ id, body: null }]);
    const one = await get(`/${id}`, tenant);
    expect(one.body).toMatchObject({ id, body: { event: { data: event.data } } });
  });

  it("is for admins", async () => {
    const editor = await join(owner.organizationId, `editor-${newId()}`, "editor");
    const id = await bury(eventOf(owner.organizationId));
    expect((await get("", editor)).status).toBe(403);
    expect((await get(`/${id}`, editor)).status).toBe(403);
    expect((await replay(id, editor)).status).toBe(403);
    expect((await get(`/${newId()}`)).status).toBe(404);
  });
});
