// Dead letters as people see them: listed, read, replayed, and audited.
import { beforeAll, describe, expect, it } from "vitest";
import { storeDeadLetters } from "../../../src/domain/dead-letter/store.ts";
import type { StreamEvent } from "../../../src/domain/event.ts";
import { newId } from "../../../src/lib/ids.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";
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

  it("is for admins", async () => {
    const editor = await join(owner.organizationId, `editor-${newId()}`, "editor");
    const id = await bury(eventOf(owner.organizationId));
    expect((await get("", editor)).status).toBe(403);
    expect((await get(`/${id}`, editor)).status).toBe(403);
    expect((await replay(id, editor)).status).toBe(403);
    expect((await get(`/${newId()}`)).status).toBe(404);
  });
});
