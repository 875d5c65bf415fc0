// Who may listen to a live stream, how many, for how long, and what is left when nobody does.
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { MAX_LISTENERS, MAX_ORGANIZATION_LISTENERS } from "../../src/domain/feed/listener.ts";
import { newId } from "../../src/lib/ids.ts";
import { executionStub } from "../../src/objects/execution/rpc.ts";
import { WATCH_MS } from "../../src/objects/feed/feed.ts";
import { feedStub } from "../../src/objects/rpc.ts";
import { db, join, makeOrganization, type Tenant, testEnv, tokenWith } from "../fixtures/identity.ts";
import { call, isFollowed, leaveAll, listAsWaiting, made, napping, open, readers, start, steps } from "./feed-kit.ts";
import { eventually, makeWorkflow } from "./kit.ts";
import { StreamReader } from "./stream-reader.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  await leaveAll();
});

const issue = async (who: Tenant, workflowId: string) => {
  const body = JSON.stringify({ workflowId });
  const response = await call("/api/v2/stream-tickets", { method: "POST", headers: who.headers, body });
  return {
    status: response.status,
    ...((await response.json()) as { ticket: string; expiresAt: string; streamUrl: string }),
  };
};

describe("who may listen", () => {
  it("is sent away once they are no member, their key is revoked, or the workflow is hidden from them", async () => {
    const { owner, workflow } = await made();
    const { workflowId, organizationId } = workflow;
    const [left, hidden, stays] = await Promise.all(
      ["left", "hidden", "stays"].map((name) => join(organizationId, `${name}-${newId()}`, "viewer")),
    );
    const key = (await (
      await call("/api/v2/api-keys", { method: "POST", headers: owner.headers, body: JSON.stringify({ name: "k" }) })
    ).json()) as { id: string; key: string };
    const byKey: Tenant = { ...owner, headers: { ...owner.headers, authorization: `Bearer ${key.key}` } };
    const streams = await Promise.all([left!, hidden!, byKey, stays!, owner].map((who) => open(who, workflowId)));
    const remove = (path: string) => call(path, { method: "DELETE", headers: owner.headers });
    expect((await remove(`/api/v2/members/${left!.userId}`)).status).toBe(200);
    expect((await remove(`/api/v2/api-keys/${key.id}`)).status).toBe(200);
    await db
      .prepare(
        `INSERT INTO workflow_permissions (org_id, workflow_id, user_id, can_view, can_edit, can_delete, can_execute)
         VALUES (?1, ?2, ?3, 0, 0, 0, 0)`,
      )
      .bind(organizationId, workflowId, hidden!.userId)
      .run();
    await eventually(async () => streams.filter(({ ended }) => ended === "closed").length === 3, 10_000);
    expect(streams.map(({ ended }) => ended)).toEqual(["closed", "closed", "closed", undefined, undefined]);
    const again = await call(`/api/v2/workflows/${workflowId}/stream`, { headers: left!.headers });
    expect(again.status).toBe(403);
  });

  it("is sent away when their token ends, also who came by a ticket that it asked for", async () => {
    const { owner, workflow } = await made();
    const exp = Math.floor(Date.now() / 1000) + 2;
    const token = await tokenWith({ user_id: owner.userId, username: owner.userId, exp });
    const brief = { ...owner, headers: { ...owner.headers, authorization: `Bearer ${token}` } };
    const { ticket } = await issue(brief, workflow.workflowId);
    const streams = await Promise.all([brief, owner].map((who) => open(who, workflow.workflowId)));
    const byTicket = new StreamReader(await call(`/api/v2/workflows/${workflow.workflowId}/stream?ticket=${ticket}`));
    streams.push(byTicket);
    readers.push(byTicket);
    await eventually(async () => streams.filter(({ ended }) => ended === "closed").length === 2, 10_000);
    expect(streams.map(({ ended }) => ended)).toEqual(["closed", undefined, "closed"]);
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
  });

  it("is no other organisation, and nobody without credentials", async () => {
    const { workflow } = await made();
    const other = await makeOrganization();
    const path = `/api/v2/workflows/${workflow.workflowId}/stream`;
    expect((await call(path, { headers: other.headers })).status).toBe(404);
    expect((await call(path)).status).toBe(401);
  });
});

describe("how many may listen", () => {
  it("gives 250 listeners of one workflow the same, and refuses the next; who leaves makes room", async () => {
    const { owner, workflow } = await made();
    const streams: StreamReader[] = [];
    for (let n = 0; n < MAX_LISTENERS; n += 50)
      streams.push(...(await Promise.all(Array.from({ length: 50 }, () => open(owner, workflow.workflowId)))));
    const refused = await call(`/api/v2/workflows/${workflow.workflowId}/stream`, owner);
    expect([refused.status, refused.headers.get("retry-after"), await refused.json()]).toEqual([
      429,
      "10",
      { error: expect.objectContaining({ code: "RATE_LIMIT_EXCEEDED", message: expect.stringContaining("250") }) },
    ]);
    await start(workflow);
    await eventually(async () => streams.every((stream) => stream.named("execution_completed").length === 1), 10_000);
    const [one] = streams;
    for (const stream of streams) expect(stream.events).toEqual(one!.events);
    await streams[0]!.leave();
    await eventually(async () => {
      const { status, body } = await call(`/api/v2/workflows/${workflow.workflowId}/stream`, owner);
      await body?.cancel();
      return status === 200;
    });
  });

  it("counts nobody who asks for the head alone", async () => {
    const { owner, workflow } = await made();
    const { status, body } = await call(`/api/v2/workflows/${workflow.workflowId}/stream`, {
      ...owner,
      method: "HEAD",
    });
    expect([status, body]).toEqual([200, null]);
    const count = () =>
      db.prepare("SELECT listeners FROM watches WHERE workflow_id = ?1").bind(workflow.workflowId).first("listeners");
    await eventually(async () => (await count()) === 0);
  });

  it("counts all workflows of an organisation", async () => {
    const { owner, workflow } = await made();
    await db
      .prepare("INSERT INTO watches (org_id, workflow_id, until, listeners) VALUES (?1, 'other', ?2, ?3)")
      .bind(owner.organizationId, Date.now() + 60_000, MAX_ORGANIZATION_LISTENERS)
      .run();
    const { status } = await call(`/api/v2/workflows/${workflow.workflowId}/stream`, owner);
    expect(status).toBe(429);
    await db
      .prepare("UPDATE watches SET until = 1 WHERE org_id = ?1 AND workflow_id = 'other'")
      .bind(owner.organizationId)
      .run();
    await open(owner, workflow.workflowId);
  });
});

describe("when nobody listens any more", () => {
  it("notices that a client has gone, tells the database, and leaves nothing behind in the end", async () => {
    const { owner, workflow } = await made();
    const { organizationId, workflowId } = workflow;
    const reader = await open(owner, workflowId);
    const watch = () =>
      db
        .prepare("SELECT until, listeners FROM watches WHERE org_id = ?1 AND workflow_id = ?2")
        .bind(organizationId, workflowId)
        .first<{ until: number; listeners: number }>();
    expect(await watch()).toEqual({ until: expect.any(Number), listeners: 1 });
    await reader.leave();
    await eventually(async () => (await watch())?.listeners === 0);
    // Still watched: who comes back finds what they missed.
    const stub = testEnv.FEED.get(testEnv.FEED.idFromName(`${organizationId}/${workflowId}`));
    const feed = feedStub(testEnv, organizationId, workflowId);
    expect(await feed.tell({ executionId: "x", commits: [] })).toBe(true);
    const later = Date.now() + WATCH_MS + 1;
    vi.spyOn(Date, "now").mockReturnValue(later);
    await runDurableObjectAlarm(stub);
    vi.restoreAllMocks();
    expect(await watch()).toBeNull();
    expect(await feed.tell({ executionId: "x", commits: [] })).toBe(false);
    expect(await runInDurableObject(stub, (_, state) => [...state.storage.kv.list()].length)).toBe(0);
  });

  it("a run stops telling, and tells again when somebody comes", async () => {
    const { owner, workflow } = await made(napping());
    // Nobody listens, though whoever started it thought so.
    const executionId = await start(workflow);
    await listAsWaiting(workflow, executionId);
    const reader = await open(owner, workflow.workflowId);
    await eventually(() => isFollowed(executionId));
    await executionStub(testEnv, executionId).cancel(workflow.organizationId, "enough");
    await eventually(async () => reader.named("execution_failed").length > 0);
  });
});

describe("tickets", () => {
  const use = async (ticket: string, workflowId: string) => {
    const response = await call(`/api/v2/workflows/${workflowId}/stream?ticket=${ticket}`);
    if (response.status === 200) readers.push(new StreamReader(response));
    return response.status;
  };

  it("open one stream, once, without any header", async () => {
    const { owner, workflow } = await made();
    const { status, ticket, expiresAt, streamUrl } = await issue(owner, workflow.workflowId);
    expect(status).toBe(201);
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(30_000);
    const response = await call(streamUrl);
    const reader = new StreamReader(response);
    readers.push(reader);
    await eventually(async () => reader.events.length === 1);
    expect(await use(ticket, workflow.workflowId)).toBe(401);
    const stored = await db.prepare("SELECT count(*) AS n FROM stream_tickets WHERE hash = ?1").bind(ticket).first("n");
    expect(stored).toBe(0);
  });

  it("of two that use one at once, one is let in", async () => {
    const { owner, workflow } = await made();
    const { ticket } = await issue(owner, workflow.workflowId);
    const statuses = await Promise.all([1, 2, 3].map(() => use(ticket, workflow.workflowId)));
    expect(statuses.sort()).toEqual([200, 401, 401]);
  });

  it("are for their workflow, their time, and whoever may still see it", async () => {
    const { owner, workflow } = await made();
    const other = await makeWorkflow(owner.organizationId, steps(1));
    const { ticket } = await issue(owner, workflow.workflowId);
    expect(await use(ticket, other.workflowId)).toBe(401);
    expect(await use("x".repeat(43), workflow.workflowId)).toBe(401);
    expect(await use("%22", workflow.workflowId)).toBe(401);
    const later = Date.now() + 30_001;
    vi.spyOn(Date, "now").mockReturnValue(later);
    expect(await use(ticket, workflow.workflowId)).toBe(401);
    vi.restoreAllMocks();
    const viewer = await join(owner.organizationId, `viewer-${newId()}`, "viewer");
    const theirs = await issue(viewer, workflow.workflowId);
    await db
      .prepare("DELETE FROM members WHERE org_id = ?1 AND user_id = ?2")
      .bind(owner.organizationId, viewer.userId)
      .run();
    expect(await use(theirs.ticket, workflow.workflowId)).toBe(401);
  });

  it("are for workflows of one's own organisation, and are never logged", async () => {
    const logged: string[] = [];
    for (const level of ["log", "warn", "error"] as const)
      vi.spyOn(console, level).mockImplementation((...words) => void logged.push(words.join(" ")));
    const { owner, workflow } = await made();
    const other = await makeOrganization();
    expect((await issue(other, workflow.workflowId)).status).toBe(404);
    const { ticket } = await issue(owner, workflow.workflowId);
    await use(ticket, newId());
    await use(ticket, workflow.workflowId);
    await use(ticket, workflow.workflowId);
    expect(logged.join("\n")).not.toContain(ticket);
    const rows = await db.prepare("SELECT * FROM audit WHERE org_id = ?1").bind(owner.organizationId).all();
    expect(JSON.stringify(rows.results)).toContain("stream.ticket_issued");
    expect(JSON.stringify(rows.results)).not.toContain(ticket);
  });
});
