// Executing and the queue of the enhanced API, over real objects: turns, order, positions, limits, times, tests, cancels and retries.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";
import { eventually } from "../../objects/kit.ts";
import { edge, node } from "./workflow-kit.ts";

const { executions, inbox, webhooks, schedules, code, checkCode, http, queues, contacts } = makePorts(testEnv);
const realPorts = { executions, inbox, webhooks, schedules, code, checkCode, http, queues, contacts };
const { fetch: request, limiter } = testApp({ ports: realPorts });

let owner: Tenant;
// biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
type Answer = { status: number; body: any; headers: Headers };
const call = async (
  method: string,
  path: string,
  body?: unknown,
  headers = {},
  who = owner,
  over = request,
): Promise<Answer> => {
  limiter.clear();
  const response = await over(`/api/v2${path}`, {
    method,
    headers: { ...who.headers, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
};

/** Requests that hang until `release` answers them, by what they asked for. Each looks by itself: an object's I/O is its own. */
let hanging: { body: string; release: (status?: number) => void }[];
beforeEach(async () => {
  owner = await makeOrganization();
  const own: typeof hanging = [];
  hanging = own;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_input, init) => {
    let answered = 0;
    const release = (status = 200) => {
      answered = status;
    };
    own.push({ body: String(init?.body ?? ""), release });
    while (answered === 0) await scheduler.wait(10);
    return Response.json({ ok: answered < 400 }, { status: answered });
  });
});

const hook = { url: "https://example.com/hook", method: "POST", body: { name: "{{ variables.name }}" } };
const calling = (settings: object = {}, more: object = {}) => ({
  name: "calls",
  workflowData: {
    nodes: [node("call", "action_webhook", { ...hook, ...more }), node("end", "flow_end")],
    edges: [edge("call", "end")],
  },
  triggerType: "trigger_manual",
  triggerConfig: {},
  settings,
  status: "active",
});

const make = async (body: object): Promise<string> => {
  const answer = await call("POST", "/workflows", body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.workflow.id;
};
const execute = async (id: string, body: object = {}, headers = {}) => {
  const answer = await call("POST", `/workflows/${id}/execute`, body, headers);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};
const statusOf = async (id: string) => (await executions.read(owner.organizationId, id))?.status;
const until = (id: string, status: string) => eventually(async () => (await statusOf(id)) === status);

describe("POST /workflows/{id}/execute", () => {
  it("starts at once what nothing limits, with its input and what triggered it", async () => {
    const id = await make({
      ...calling(),
      workflowData: {
        nodes: [
          node("set", "data_transform", {
            mappings: { seen: "{{ variables.name }}/{{ event.data.order }}/{{ metadata.source }}" },
          }),
        ],
        edges: [],
      },
    });
    const started = await execute(id, {
      inputData: { name: "Ada" },
      triggerData: { order: 7 },
      priority: 9,
      context: { source: "crm", userId: "nobody-known" },
    });
    expect(started).toMatchObject({ status: "started", testMode: false });
    expect(started.estimatedDuration).toBeGreaterThanOrEqual(0);
    expect(started.queuePosition).toBeUndefined();
    await until(started.executionId, "completed");
    const view = await executions.read(owner.organizationId, started.executionId);
    expect(view!.visits.at(-1)!.output).toMatchObject({ seen: "Ada/7/crm" });
    expect(view!.priority).toBe(9);
  });

  it("takes inputData for the event's data when there is no triggerData", async () => {
    const id = await make({
      ...calling(),
      workflowData: {
        nodes: [node("set", "data_transform", { mappings: { seen: "{{ event.data.name }}" } })],
        edges: [],
      },
    });
    const { executionId } = await execute(id, { inputData: { name: "Ada" } });
    await until(executionId, "completed");
    expect((await executions.read(owner.organizationId, executionId))!.visits.at(-1)!.output).toEqual({ seen: "Ada" });
  });

  it.each([
    [{ priority: 11 }, "priority"],
    [{ priority: "5" }, "priority"],
    [{ scheduledAt: "tomorrow" }, "scheduledAt"],
    [{ scheduledAt: "2001-01-01T00:00:00Z" }, "scheduledAt"],
    [{ inputData: [] }, "inputData"],
    [{ context: { contactId: 5 } }, "context.contactId"],
    [{ testMode: "yes" }, "testMode"],
    [{ other: 1 }, "other"],
  ])("refuses %j and names the field", async (body, field) => {
    const id = await make(calling());
    const answer = await call("POST", `/workflows/${id}/execute`, body);
    expect(answer.status).toBe(400);
    expect(answer.body.validation[0].field).toBe(field);
  });

  it("knows no contact of somebody else", async () => {
    const id = await make(calling());
    const body = { context: { contactId: "01900000-0000-7000-8000-000000000000" } };
    expect((await call("POST", `/workflows/${id}/execute`, body)).status).toBe(404);
  });

  it("starts one run for the same Idempotency-Key", async () => {
    const [id, key] = [await make(calling({ maxConcurrency: 1 })), { "idempotency-key": "k1" }];
    const first = await execute(id, {}, key);
    expect((await execute(id, {}, key)).executionId).toBe(first.executionId);
    expect((await call("POST", `/workflows/${id}/execute`, { priority: 9 }, key)).status).toBe(422);
    await eventually(async () => hanging.length === 1);
    expect((await call("GET", "/queue/status")).body.workers[0]).toMatchObject({ busy: 1, waiting: 0 });
    hanging[0]!.release();
    await until(first.executionId, "completed");
  });
});

describe("a workflow with a limit", () => {
  it("works on so many at a time, lets the others wait in their order, and says where they stand", async () => {
    const id = await make(calling({ maxConcurrency: 2 }));
    const names = [];
    for (const [name, priority] of Object.entries({ a: 5, b: 5, c: 5, d: 1, e: 10 })) {
      const { executionId, ...answer } = await execute(id, { inputData: { name }, priority });
      names.push({ name, executionId, ...answer });
    }
    expect(names.map(({ status }) => status)).toEqual(["started", "started", "queued", "queued", "queued"]);
    expect(names.map(({ queuePosition }) => queuePosition)).toEqual([undefined, undefined, 1, 2, 1]);
    // None has given its slot back: what such a run is thought to take stands in.
    expect(names.map(({ estimatedWait }) => estimatedWait > 0)).toEqual([false, false, true, true, true]);
    await eventually(async () => hanging.length === 2);
    const jobs = await call("GET", `/queue/jobs?status=queued&workflowId=${id}`);
    expect(jobs.status).toBe(200);
    expect(jobs.body.jobs[0]).toMatchObject({
      executionId: jobs.body.jobs[0].id,
      createdAt: jobs.body.jobs[0].queuedAt,
    });
    expect(jobs.body.jobs.map((job: { position: number; priority: number }) => [job.priority, job.position])).toEqual([
      [10, 1],
      [1, 3],
      [5, 2],
    ]);
    expect(jobs.body.jobs[0]).toMatchObject({ status: "queued", startedAt: null, executionStatus: "queued" });
    const status = await call("GET", "/queue/status");
    expect(status.body).toMatchObject({ queuedJobs: 3 });
    expect(status.body.estimatedWaitTime).toBeGreaterThanOrEqual(names[3]!.estimatedWait);
    expect(status.body.workers[0]).toMatchObject({ id, slots: 2, busy: 2, waiting: 3, status: "saturated" });
    const order = () => hanging.map(({ body }) => JSON.parse(body).name);
    for (let n = 0; n < 5; n++) {
      await eventually(async () => hanging.length > n);
      expect(hanging.length).toBeLessThanOrEqual(n + 2);
      hanging[n]!.release();
    }
    for (const { executionId } of names) await until(executionId, "completed");
    const { performance } = (await call("GET", `/executions/${names[3]!.executionId}`)).body;
    expect(performance.queuedMs).toBeGreaterThan(0);
    expect(order()).toEqual(["a", "b", "e", "c", "d"]);
    await eventually(async () => (await queues.status(owner.organizationId)).held === 0);
    const after = (await call("GET", "/queue/status")).body;
    expect(after.workers[0]).toMatchObject({ busy: 0, waiting: 0, status: "idle", lastActivityAt: expect.any(String) });
    expect(after.workers[0].averageDurationMs).toBeGreaterThan(0);
    expect(after.workers[0].throughputPerMinute).toBe(1);
  });

  it("bounds the second try of a start as well, whose first one died before the run was there", async () => {
    const id = await make(calling({ maxConcurrency: 1 }));
    await execute(id);
    await eventually(async () => hanging.length === 1);
    const away = { ...executions, start: () => Promise.reject(new Error("away")) };
    const { fetch: broken } = testApp({ ports: { ...realPorts, executions: away } });
    const first = await call("POST", `/workflows/${id}/execute`, {}, { "idempotency-key": "k2" }, owner, broken);
    expect(first.status).toBe(503);
    const { executionId, status } = await execute(id, {}, { "idempotency-key": "k2" });
    expect(status).toBe("queued");
    expect(hanging).toHaveLength(1);
    hanging[0]!.release();
    await eventually(async () => hanging.length === 2);
    hanging[1]!.release();
    await until(executionId, "completed");
  });

  it("frees the slot of a run that waits, and cancels one that has not begun", async () => {
    const id = await make({
      ...calling({ maxConcurrency: 1 }),
      workflowData: { nodes: [node("wait", "action_delay", { duration: 1, unit: "hours" })], edges: [] },
    });
    const first = await execute(id);
    await until(first.executionId, "waiting");
    const second = await execute(id);
    await until(second.executionId, "waiting");
    const busy = await make(calling({ maxConcurrency: 1 }));
    await execute(busy);
    const queued = await execute(busy);
    expect(queued.status).toBe("queued");
    const cancelled = await call("POST", `/executions/${queued.executionId}/cancel`, {});
    expect(cancelled.status, JSON.stringify(cancelled.body)).toBe(200);
    expect(await statusOf(queued.executionId)).toBe("cancelled");
    await eventually(async () => (await queues.status(owner.organizationId)).waiting === 0);
    expect(hanging.length).toBeLessThanOrEqual(1);
    const seen = async () => (await call("GET", `/workflows/${busy}`)).body;
    await eventually(async () => (await seen()).analytics.last30Days.cancelled === 1);
    expect((await seen()).performance).toMatchObject({ sampleCount: 0, avgDurationMs: null });
  });

  it("does not lock itself out: a parent that waits for its child has no slot meanwhile", async () => {
    const child = await make({ ...calling({ maxConcurrency: 1 }), name: "child" });
    const limits = await call("PATCH", "/queue/settings", { maxConcurrency: 1 });
    expect(limits.body).toEqual({ maxConcurrency: 1, maxQueued: 10_000 });
    const parent = await make({
      ...calling(),
      workflowData: { nodes: [node("sub", "action_subworkflow", { workflow_id: child, wait: true })], edges: [] },
    });
    const { executionId } = await execute(parent);
    await eventually(async () => hanging.length === 1);
    hanging[0]!.release();
    await until(executionId, "completed");
    await eventually(async () => (await queues.status(owner.organizationId)).held === 0);
  });

  it("says 429 QUEUE_FULL where too many wait, and leaves nothing behind", async () => {
    await call("PATCH", "/queue/settings", { maxConcurrency: 1, maxQueued: 1 });
    const id = await make(calling());
    await execute(id);
    await execute(id);
    const full = await call("POST", `/workflows/${id}/execute`, {});
    expect(full.status).toBe(429);
    expect(full.body.error.code).toBe("QUEUE_FULL");
    expect(Number(full.headers.get("retry-after"))).toBeGreaterThan(0);
    const rows = await db
      .prepare("SELECT count(*) AS n FROM executions WHERE org_id = ?1")
      .bind(owner.organizationId)
      .first<{ n: number }>();
    expect(rows!.n).toBe(2);
  });

  it("is told to callers of the core API as well", async () => {
    await call("PATCH", "/queue/settings", { maxConcurrency: 1 });
    const id = await make(calling());
    await execute(id);
    limiter.clear();
    const answer = await request(`/api/v1/workflows/${id}/execute`, {
      method: "POST",
      headers: { ...owner.headers, "content-type": "application/json" },
      body: "{}",
    });
    expect(answer.status).toBe(202);
    const { data } = (await answer.json()) as { data: { status: string; execution_id: string } };
    expect(data.status).toBe("queued");
    limiter.clear();
    const cancelled = await request(`/api/v1/workflows/executions/${data.execution_id}/cancel`, {
      method: "POST",
      headers: owner.headers,
    });
    expect(cancelled.status).toBe(200);
    expect(await statusOf(data.execution_id)).toBe("cancelled");
  });

  it("lets in at once whom a higher limit lets in", async () => {
    await call("PATCH", "/queue/settings", { maxConcurrency: 1 });
    const id = await make(calling());
    await execute(id);
    const { executionId } = await execute(id);
    expect(await statusOf(executionId)).toBe("queued");
    await call("PATCH", "/queue/settings", { maxConcurrency: null });
    await until(executionId, "running");
  });
});

describe("a time", () => {
  it("is waited for, as queued, with or without a limit", async () => {
    const id = await make({ ...calling(), workflowData: { nodes: [node("end", "flow_end")], edges: [] } });
    const scheduledAt = new Date(Date.now() + 1_500).toISOString();
    const started = await execute(id, { scheduledAt });
    expect(started).toMatchObject({ status: "queued", scheduledAt });
    const { jobs } = (await call("GET", "/queue/jobs?status=queued")).body;
    expect(jobs).toEqual([
      expect.objectContaining({ id: started.executionId, scheduledAt, estimatedStartTime: scheduledAt }),
    ]);
    await until(started.executionId, "completed");
    const view = await executions.read(owner.organizationId, started.executionId);
    expect(view!.startedAt).toBeGreaterThanOrEqual(Date.parse(scheduledAt));
  });

  it("may be cancelled before", async () => {
    const id = await make(calling());
    const { executionId } = await execute(id, { scheduledAt: new Date(Date.now() + 3_600_000).toISOString() });
    expect((await call("POST", `/executions/${executionId}/cancel`, {})).status).toBe(200);
    expect(await statusOf(executionId)).toBe("cancelled");
    // It never began, so it has no start and took no time.
    const { execution } = (await call("GET", `/executions/${executionId}`)).body;
    expect(execution).toMatchObject({ status: "cancelled", startedAt: null, durationMs: null });
    const row = () =>
      db
        .prepare("SELECT status, started_at, duration_ms FROM executions WHERE id = ?1")
        .bind(executionId)
        .first<{ status: string }>();
    await eventually(async () => (await row())?.status === "cancelled");
    expect(await row()).toEqual({ status: "cancelled", started_at: null, duration_ms: null });
  });
});

describe("test mode", () => {
  it("calls nobody, waits for nothing, is marked and readable, and counts nowhere", async () => {
    const id = await make({
      ...calling(),
      workflowData: {
        nodes: [
          node("wait", "action_delay", { duration: 14, unit: "days" }),
          node("event", "action_wait_for_event", { event_type: "order.paid" }),
          node("call", "action_webhook", hook),
        ],
        edges: [edge("wait", "event"), edge("event", "call", "received")],
      },
    });
    const { executionId, testMode } = await execute(id, { testMode: true, inputData: { name: "x" } });
    expect(testMode).toBe(true);
    await until(executionId, "completed");
    expect(hanging).toEqual([]);
    const view = await executions.read(owner.organizationId, executionId);
    expect(view!.path).toEqual(["trigger_shorthand", "wait", "event", "call"]);
    expect(view!.visits[1]!.logs.join()).toContain("Skipped: a wait of 1209600 s");
    const detail = await call("GET", `/executions/${executionId}`);
    expect(detail.body.execution.testMode).toBe(true);
    for (const query of ["testMode=true", "testMode=true&startDate=2020-01-01", "testMode=false", ""]) {
      const { executions: listed, pagination } = (await call("GET", `/workflows/${id}/executions?${query}`)).body;
      const ids = query.startsWith("testMode=true") ? [executionId] : [];
      expect([query, listed.map((one: { id: string }) => one.id), pagination.total]).toEqual([query, ids, ids.length]);
    }
    expect((await call("GET", `/workflows/${id}/executions?testMode=yes`)).status).toBe(400);
    expect((await call("GET", "/queue/status")).body.totalJobs).toBe(0);
    const { results } = await db.prepare("SELECT id FROM events WHERE org_id = ?1").bind(owner.organizationId).all();
    expect(results).toEqual([]);
  });
});

describe("POST /queue/jobs/{jobId}/retry", () => {
  const twoSteps = (settings: object = {}) => ({
    ...calling(settings),
    workflowData: {
      nodes: [
        node("first", "action_webhook", { ...hook, body: { step: "first" } }),
        node("set", "data_variable", { name: "seen", value: "{{ nodes.first.output.status }}" }),
        node("second", "action_webhook", { ...hook, body: { step: "second", seen: "{{ variables.seen }}" } }),
      ],
      edges: [edge("first", "set"), edge("set", "second")],
    },
  });
  const failing = async () => {
    const id = await make(twoSteps());
    const { executionId } = await execute(id, { inputData: { name: "Ada" }, priority: 3 });
    await eventually(async () => hanging.length === 1);
    hanging[0]!.release();
    await eventually(async () => hanging.length === 2);
    hanging[1]!.release(400);
    await until(executionId, "failed");
    hanging.length = 0;
    return executionId;
  };

  it("goes on at the step that failed, with what the steps before it put out", async () => {
    const failed = await failing();
    const { logs } = (await call("GET", `/executions/${failed}`)).body;
    expect(logs.map(({ level }: { level: string }) => level)).toEqual(["info", "warning", "error"]);
    const answer = await call("POST", `/queue/jobs/${failed}/retry`, { fromStep: true, newPriority: 8 });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(answer.body).toMatchObject({ success: true, status: "started" });
    expect(Date.parse(answer.body.estimatedStartTime)).toBeGreaterThan(0);
    await eventually(async () => hanging.length === 1);
    expect(JSON.parse(hanging[0]!.body)).toEqual({ step: "second", seen: 200 });
    hanging[0]!.release();
    const { newJobId } = answer.body;
    await until(newJobId, "completed");
    const view = await executions.read(owner.organizationId, newJobId);
    expect(view!.path).toEqual(["trigger_shorthand", "first", "set", "second"]);
    expect(view!.visits.map(({ takenOver = false }) => takenOver)).toEqual([true, true, true, false]);
    const replay = await call("POST", `/executions/${newJobId}/replay`, {});
    expect(replay.body.equal ?? replay.body.matches ?? replay.body).not.toBe(false);
    await eventually(async () => {
      const { jobs } = (await call("GET", "/queue/jobs?priority=8")).body;
      return jobs[0]?.status === "completed";
    });
    const { jobs } = (await call("GET", "/queue/jobs?priority=8")).body;
    expect(jobs[0]).toMatchObject({ id: newJobId, retryOf: failed, retryCount: 1, attempts: 2, priority: 8 });
    const { results } = await db
      .prepare("SELECT action FROM audit WHERE org_id = ?1 AND target_id = ?2")
      .bind(owner.organizationId, failed)
      .all();
    expect(results).toEqual([{ action: "execution.retried" }]);
  });

  it("begins anew, or at a node, and may forget how often it was retried", async () => {
    const failed = await failing();
    const whole = (await call("POST", `/queue/jobs/${failed}/retry`, {})).body.newJobId;
    await eventually(async () => hanging.length === 1);
    expect(JSON.parse(hanging[0]!.body)).toEqual({ step: "first" });
    hanging[0]!.release();
    await eventually(async () => hanging.length === 2);
    hanging[1]!.release(400);
    await until(whole, "failed");
    hanging.length = 0;
    const again = (await call("POST", `/queue/jobs/${whole}/retry`, { fromStep: "set", resetRetryCount: true })).body;
    await eventually(async () => hanging.length === 1);
    expect(JSON.parse(hanging[0]!.body)).toEqual({ step: "second", seen: 200 });
    hanging[0]!.release();
    await until(again.newJobId, "completed");
    const view = await executions.read(owner.organizationId, again.newJobId);
    expect(view).toMatchObject({ retry: { of: whole, times: 0 }, priority: 3 });
  });

  it("waits for its turn like any other start", async () => {
    const failed = await failing();
    await call("PATCH", "/queue/settings", { maxConcurrency: 1 });
    const busy = await make(calling());
    await execute(busy);
    const { body } = await call("POST", `/queue/jobs/${failed}/retry`, { fromStep: true });
    expect(body.status).toBe("queued");
    expect(await statusOf(body.newJobId)).toBe("queued");
    await eventually(async () => hanging.length === 1);
    hanging[0]!.release();
    await eventually(async () => hanging.length === 2);
    expect(JSON.parse(hanging[1]!.body)).toEqual({ step: "second", seen: 200 });
    hanging[1]!.release();
    await until(body.newJobId, "completed");
    const view = await executions.read(owner.organizationId, body.newJobId);
    expect(view!.queued).toMatchObject({ startAt: null });
  });

  it("refuses what did not fail, and a node that it never came to", async () => {
    const id = await make({ ...calling(), workflowData: { nodes: [node("end", "flow_end")], edges: [] } });
    const { executionId } = await execute(id);
    await until(executionId, "completed");
    const completed = await call("POST", `/queue/jobs/${executionId}/retry`, {});
    expect([completed.status, completed.body.error.message]).toEqual([409, expect.stringContaining("one that failed")]);
    const failed = await failing();
    const answer = await call("POST", `/queue/jobs/${failed}/retry`, { fromStep: "nowhere" });
    expect([answer.status, answer.body.validation?.[0].field]).toEqual([400, "fromStep"]);
    const stranger = await makeOrganization();
    expect((await call("POST", `/queue/jobs/${failed}/retry`, {}, {}, stranger)).status).toBe(404);
  });

  it("starts one run for the same Idempotency-Key", async () => {
    const failed = await failing();
    const retry = () => call("POST", `/queue/jobs/${failed}/retry`, {}, { "idempotency-key": "r1" });
    const first = await retry();
    expect((await retry()).body.newJobId).toBe(first.body.newJobId);
    // Also when midnight lies between the two.
    const yesterday = testApp({ ports: { ...realPorts, now: () => Date.now() - 86_400_000 } });
    const retryBy = (app: typeof yesterday.fetch) =>
      call("POST", `/queue/jobs/${failed}/retry`, {}, { "idempotency-key": "r2" }, owner, app);
    const before = await retryBy(yesterday.fetch);
    expect((await retryBy(request)).body.newJobId).toBe(before.body.newJobId);
  });
});

describe("the lists", () => {
  it.each(["status=weird", "priority=0", "priority=x", "page=0"])("refuse %s", async (query) => {
    expect((await call("GET", `/queue/jobs?${query}`)).status).toBe(400);
  });

  it("refuse a workflow of somebody else, and limits that are none", async () => {
    const stranger = await makeOrganization();
    const id = await make(calling());
    expect((await call("GET", `/queue/jobs?workflowId=${id}`, undefined, {}, stranger)).status).toBe(404);
    expect((await call("PATCH", "/queue/settings", { maxConcurrency: 0 })).status).toBe(400);
    expect((await call("PATCH", "/queue/settings", {})).status).toBe(400);
  });
});
