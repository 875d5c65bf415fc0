// Executions by hand: execute, wait, read, list, cancel, test; in real objects.
import { evictDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import * as schema from "../../../src/api/core/schema.ts";
import { derivedId, newId } from "../../../src/lib/ids.ts";
import { db, testEnv } from "../../fixtures/identity.ts";
import {
  call,
  createWorkflow,
  errorOf,
  ISO,
  makeOrganization,
  publishWorkflow,
  type Tenant,
  UUID,
  until,
  WORKFLOWS,
} from "./kit.ts";

let owner: Tenant;
let workflowId: string;
beforeAll(async () => {
  owner = await makeOrganization();
  workflowId = await publishWorkflow(owner);
});

const variables = { name: "Ann", n: 3 };
const execute = (id: string, body: object = { community_id: 456, variables }, headers?: Record<string, string>) =>
  call(owner, "POST", `${WORKFLOWS}/${id}/execute`, body, headers);
const read = (id: string, query = "") => call(owner, "GET", `${WORKFLOWS}/executions/${id}${query}`);
const finished = (id: string) =>
  until(
    () => read(id),
    (answer) => answer.status === 200 && answer.body.data.end_time !== null,
  );

/** Waits an hour before it ends. */
const sleeping = {
  nodes: {
    start: { node_type: "trigger_manual" },
    nap: { node_type: "action_delay", config: { duration: 1, unit: "hours" } },
    end: { node_type: "flow_end" },
  },
  connections: [
    { from_node_id: "start", to_node_id: "nap" },
    { from_node_id: "nap", to_node_id: "end" },
  ],
};

describe("execute", () => {
  it("answers 202 as documented, and the run ends with everything the document shows", async () => {
    const { status, body } = await execute(workflowId, {
      community_id: 456,
      variables,
      metadata: { trigger_source: "api", session_id: "s" },
    });
    expect(status).toBe(202);
    expect(schema.startedExecution.parse(body)).toEqual({
      success: true,
      message: "Workflow execution started",
      data: {
        execution_id: expect.stringMatching(UUID),
        workflow_id: workflowId,
        status: "running",
        start_time: expect.stringMatching(ISO),
        execution_path: [],
      },
    });
    const { body: done } = await finished(body.data.execution_id);
    const data = schema.executionDetails.parse(done).data;
    expect(data).toMatchObject({
      execution_id: body.data.execution_id,
      workflow_id: workflowId,
      status: "completed",
      execution_path: ["start", "shape", "end"],
      final_variables: { greeting: "Hello", name: "Ann", n: 3 },
      error_message: null,
      error_node_id: null,
    });
    expect(data.metrics).toBeUndefined();
    expect(data.execution_time_seconds).toBe((Date.parse(data.end_time!) - Date.parse(data.start_time)) / 1000);
    expect(Object.keys(data.node_states)).toEqual(["start", "shape", "end"]);
    expect(data.node_states.shape).toMatchObject({
      status: "completed",
      output_data: { text: "Hello, Ann!", n: 3 },
      error: null,
      visits: 1,
    });
  });

  it("waits for the end when asked to", async () => {
    const { status, body } = await execute(workflowId, { variables, wait: true, timeout_seconds: 10 });
    expect(status).toBe(200);
    expect(schema.finishedExecution.parse(body).data.status).toBe("completed");
  });

  it("is 504 when the end does not come in time, and the run goes on", async () => {
    const id = await publishWorkflow(owner, sleeping);
    const { status, body } = await execute(id, { wait: true, timeout_seconds: 0.2 });
    expect([status, body]).toEqual([
      504,
      errorOf("EXECUTION_TIMEOUT", { execution_id: expect.stringMatching(UUID), workflow_id: id }),
    ]);
    const running = await read(body.error.details.execution_id);
    expect(running.body.data).toMatchObject({ status: "running", end_time: null, execution_time_seconds: null });
    expect(running.body.data.node_states.nap).toMatchObject({ status: "running", completed_at: null });
  });

  it("starts one run for one Idempotency-Key, whoever is first", async () => {
    const headers = { "idempotency-key": crypto.randomUUID() };
    const answers = await Promise.all([1, 2, 3].map(() => execute(workflowId, { variables }, headers)));
    const later = await execute(workflowId, { variables }, headers);
    const ids = new Set([...answers, later].map(({ body }) => body.data.execution_id));
    expect(ids.size).toBe(1);
    // Whoever of the organisation asks otherwise with it hears that, not of a run that they did not ask for.
    const otherwise = [{ variables: { ...variables, more: 1 } }, { variables, metadata: { a: 1 } }];
    for (const body of otherwise) expect((await execute(workflowId, body, headers)).status).toBe(409);
    expect((await execute(workflowId, { variables, wait: true }, headers)).body.data.execution_id).toBe([...ids][0]);
    expect(
      (await execute(workflowId, { variables }, { "idempotency-key": "another" })).body.data.execution_id,
    ).not.toBe([...ids][0]);
    const { results } = await db
      .prepare("SELECT id FROM executions WHERE id = ?1")
      .bind([...ids][0])
      .all();
    expect(results).toHaveLength(1);
  });

  it("knows a key from the day before", async () => {
    const key = crypto.randomUUID();
    const yesterday = (Math.floor(Date.now() / 86_400_000) - 1) * 86_400_000;
    const eventId = await derivedId(yesterday, "idempotency", owner.organizationId, workflowId, key);
    const first = await execute(workflowId, { variables }, { "idempotency-key": key });
    // As if it had been made before midnight.
    await db
      .prepare("UPDATE events SET id = ?1 WHERE id = (SELECT event_id FROM executions WHERE id = ?2)")
      .bind(eventId, first.body.data.execution_id)
      .run();
    const { status, body } = await execute(workflowId, { variables }, { "idempotency-key": key });
    // Its run would have been named by that event; that none is there shows that the event was found.
    expect([status, body.error.code]).toEqual([409, "CONFLICT"]);
  });

  it("runs the draft of a workflow that was never published, pinned as a version", async () => {
    const id = await createWorkflow(owner);
    const first = await execute(id, { variables, wait: true });
    expect(first.body.data.execution_path).toEqual(["start", "shape", "end"]);
    await execute(id, { variables, wait: true });
    const versions = await db.prepare("SELECT number FROM workflow_versions WHERE workflow_id = ?1").bind(id).all();
    expect(versions.results).toEqual([{ number: 1 }]);
    expect((await call(owner, "GET", `${WORKFLOWS}/${id}`)).body.data.status).toBe("draft");
  });

  it("refuses a draft with errors and says which", async () => {
    const id = await createWorkflow(owner, { nodes: { a: { node_type: "no_such_node" } }, connections: [] });
    const { status, body } = await execute(id, {});
    expect([status, body.error.code, body.error.details.field]).toEqual([400, "EXECUTION_ERROR", "nodes.a.node_type"]);
  });

  it.each<[object, string]>([
    [{ variables: [] }, "variables"],
    [{ variables: { a: 1 }, user: "x" }, "user"],
    [{ wait: "yes" }, "wait"],
    [{ timeout_seconds: 0 }, "timeout_seconds"],
    [{ timeout_seconds: 301 }, "timeout_seconds"],
    [{ community_id: "a" }, "community_id"],
  ])("refuses %j", async (body, field) => {
    const answer = await execute(workflowId, body);
    expect([answer.status, answer.body.error.details.field]).toEqual([400, field]);
  });

  it("takes a large payload, and says at once when it is too large", async () => {
    const large = (length: number) => ({ variables: { text: "ü".repeat(length) }, wait: true });
    expect((await execute(workflowId, large(430_000))).body.data.status).toBe("completed");
    for (const path of ["execute", "test"]) {
      const { status, body } = await call(owner, "POST", `${WORKFLOWS}/${workflowId}/${path}`, {
        variables: { text: "ü".repeat(460_000) },
      });
      expect([status, body.error.code, body.error.details.field]).toEqual([413, "PAYLOAD_TOO_LARGE", "variables"]);
    }
  });

  it("takes no body for an empty one, and a missing workflow for 404", async () => {
    expect((await call(owner, "POST", `${WORKFLOWS}/${workflowId}/execute`)).status).toBe(202);
    const { status, body } = await execute(newId());
    expect([status, body]).toEqual([404, errorOf("WORKFLOW_NOT_FOUND")]);
  });
});

describe("read", () => {
  it("logs what each node did, from its beginning to its end", async () => {
    const id = await publishWorkflow(owner, {
      nodes: {
        start: { node_type: "trigger_manual" },
        ask: { node_type: "condition_if", config: { conditions: [] } },
        code: { node_type: "action_code", config: { language: "javascript", code: "console.log('hm'); null.x" } },
      },
      connections: [
        { from_node_id: "start", to_node_id: "ask" },
        { from_node_id: "ask", from_port_name: "true", to_node_id: "code" },
      ],
    });
    const { body } = await call(owner, "POST", `${WORKFLOWS}/${id}/execute`, { wait: true });
    const { start, ask, code } = body.data.node_states;
    expect([start.logs, ask.logs]).toEqual([
      ["Execution started", "Execution completed"],
      ["Execution started", "Execution completed, left by 'true'"],
    ]);
    expect(code.logs).toEqual(["Execution started", "hm", `Execution failed: ${code.error}`]);
  });

  it("leaves logs out and puts measured metrics in, as asked", async () => {
    const { body } = await execute(workflowId, { variables, wait: true });
    // Python writes its truth values so.
    const { data } = (await read(body.data.execution_id, "?include_logs=False&include_metrics=True")).body;
    for (const state of Object.values(data.node_states) as { logs: string[] }[]) expect(state.logs).toEqual([]);
    expect(data.metrics).toMatchObject({
      nodes_executed: 3,
      steps: 3,
      attempts: expect.any(Number),
      total_seconds: data.execution_time_seconds,
    });
    expect(data.metrics.commits).toBeGreaterThan(0);
    expect((await read(body.data.execution_id, "?include_logs=maybe")).body.error.details.field).toBe("include_logs");
  });

  it("shows the error of a failed run and its node", async () => {
    const id = await publishWorkflow(owner, {
      nodes: {
        start: { node_type: "trigger_manual" },
        say: { node_type: "action_chat_message", config: { message: "hi", to: "nobody" } },
      },
      connections: [{ from_node_id: "start", to_node_id: "say" }],
    });
    const { body } = await execute(id, { wait: true });
    expect(body.data).toMatchObject({
      status: "failed",
      error_node_id: "say",
      error_message: expect.stringMatching(/contact/),
    });
    expect(body.data.node_states.say).toMatchObject({ status: "failed", error: body.data.error_message });
  });

  it("shows a run that took too long as failed, and says so", async () => {
    const id = await publishWorkflow(owner, { ...sleeping, settings: { timeout_seconds: 0.3 } });
    const { body } = await execute(id, {});
    const done = await finished(body.data.execution_id);
    expect(done.body.data).toMatchObject({
      status: "failed",
      error_message: expect.stringMatching(/longer than|timed out/),
    });
  });

  it("is 404 for what is no run, and for a stranger", async () => {
    const { body } = await execute(workflowId, { variables, wait: true });
    const stranger = await makeOrganization();
    const foreign = await call(stranger, "GET", `${WORKFLOWS}/executions/${body.data.execution_id}`);
    expect([foreign.status, foreign.body]).toEqual([404, errorOf("NOT_FOUND")]);
    for (const id of [await derivedId(1_600_000_000_000, "x"), crypto.randomUUID(), "nothing"])
      expect((await read(id)).status).toBe(404);
  });

  it("answers from the index when the object is gone", async () => {
    const id = newId(Date.now() - 3_600_000);
    const at = Date.now() - 3_600_000;
    const step = { nodeId: "a", nodeType: "action_webhook", visit: 1, status: "failed", attempts: 2, error: "boom" };
    await db
      .prepare(
        `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, started_at, ended_at, duration_ms, nodes_executed, error, error_node_id, created_at, updated_at, steps)
         VALUES (?1, ?2, ?3, 'v', 'failed', 9, 'MANUAL_TRIGGER', ?4, ?4 + 1500, 1500, 1, 'boom', 'a', ?4, ?4, ?5)`,
      )
      .bind(
        owner.organizationId,
        id,
        workflowId,
        at,
        JSON.stringify({ 1: { ...step, startedAt: at, endedAt: at + 1500 } }),
      )
      .run();
    const { status, body } = await read(id, "?include_metrics=true");
    expect(status).toBe(200);
    expect(schema.executionDetails.parse(body).data).toMatchObject({
      status: "failed",
      execution_time_seconds: 1.5,
      execution_path: ["a"],
      error_message: "boom",
      error_node_id: "a",
      node_states: { a: { status: "failed", attempts: 2, error: "boom" } },
    });
  });
});

describe("cancel", () => {
  it("ends a running run once", async () => {
    const id = await publishWorkflow(owner, sleeping);
    const { execution_id } = (await execute(id, {})).body.data;
    const { status, body } = await call(owner, "POST", `${WORKFLOWS}/executions/${execution_id}/cancel`);
    expect(status).toBe(200);
    expect(schema.cancelledExecution.parse(body)).toEqual({
      success: true,
      message: "Execution cancelled successfully",
      data: { execution_id, status: "cancelled", cancelled_at: expect.stringMatching(ISO) },
    });
    expect((await read(execution_id)).body.data).toMatchObject({
      status: "cancelled",
      end_time: body.data.cancelled_at,
    });
    const again = await call(owner, "POST", `${WORKFLOWS}/executions/${execution_id}/cancel`, {});
    expect([again.status, again.body]).toEqual([400, errorOf("EXECUTION_ERROR")]);
    expect((await call(owner, "POST", `${WORKFLOWS}/executions/${newId(1)}/cancel`)).status).toBe(404);
  });
});

describe("list", () => {
  it("filters, sorts and pages what the index holds", async () => {
    const id = await publishWorkflow(owner);
    const insert = (status: string, startedAt: number, durationMs: number | null) =>
      db
        .prepare(
          `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, started_at, ended_at, duration_ms, nodes_executed, created_at, updated_at)
           VALUES (?1, ?2, ?3, 'v', ?4, 1, 'MANUAL_TRIGGER', ?5, ?5 + ?6, ?6, 2, ?5, ?5)`,
        )
        .bind(owner.organizationId, newId(startedAt), id, status, startedAt, durationMs)
        .run();
    const base = Date.UTC(2026, 0, 1);
    await insert("completed", base, 3000);
    await insert("failed", base + 1000, 1000);
    await insert("waiting", base + 2000, null);
    await insert("timed_out", base + 3000, 2000);
    const list = (query = "") => call(owner, "GET", `${WORKFLOWS}/${id}/executions?community_id=1${query}`);
    const shown = async (query?: string) =>
      (await list(query)).body.data.map(
        (row: { status: string; execution_time_seconds: number }) => `${row.status} ${row.execution_time_seconds}`,
      );

    const { body } = await list();
    expect(schema.executionList.parse(body).data).toHaveLength(4);
    expect(body.data[0]).toMatchObject({
      workflow_id: id,
      status: "failed",
      success: false,
      error: "Workflow execution timed out",
      nodes_executed: 2,
    });
    expect(await shown()).toEqual(["failed 2", "running null", "failed 1", "completed 3"]);
    expect(await shown("&sort_order=asc")).toEqual(["completed 3", "failed 1", "running null", "failed 2"]);
    expect(await shown("&sort_by=execution_time&sort_order=desc&status=failed")).toEqual(["failed 2", "failed 1"]);
    expect(await shown("&status=running")).toEqual(["running null"]);
    // By the words that are shown, not by the ones behind them.
    const byStatus = ["completed 3", "failed 1", "failed 2", "running null"];
    expect(await shown("&sort_by=status&sort_order=asc")).toEqual(byStatus);
    expect(await shown("&sort_by=status")).toEqual(byStatus.toReversed());
    const second = await list("&page=2&per_page=3");
    expect(second.body.meta.pagination).toEqual({
      page: 2,
      per_page: 3,
      total: 4,
      total_pages: 2,
      has_next: false,
      has_prev: true,
    });
    expect((await list("&status=failed")).body.meta.pagination.total).toBe(2);
  });

  it.each([
    ["", "community_id"],
    ["community_id=x", "community_id"],
    ["community_id=1&status=waiting", "status"],
    ["community_id=1&sort_by=name", "sort_by"],
    ["community_id=1&sort_order=up", "sort_order"],
    ["community_id=1&page=-1", "page"],
  ])("refuses ?%s and names %s", async (query, field) => {
    const { status, body } = await call(owner, "GET", `${WORKFLOWS}/${workflowId}/executions?${query}`);
    expect([status, body.error.code, body.error.details.field]).toEqual([400, "BAD_REQUEST", field]);
  });

  it("shows a run's end to whoever was told of it", async () => {
    const id = await publishWorkflow(owner);
    const { data } = (await execute(id, { variables, wait: true })).body;
    const listed = await call(owner, "GET", `${WORKFLOWS}/${id}/executions?community_id=1&status=completed`);
    expect(listed.body.data).toMatchObject([
      { success: true, nodes_executed: 3, error: null, end_time: data.end_time },
    ]);
    expect(listed.body.meta.pagination.total).toBe(1);
  });

  it("shows it even when the report of the end got lost in a restart", async () => {
    const id = await publishWorkflow(owner);
    const { execution_id } = (await execute(id, { variables, wait: true })).body.data;
    const list = () => call(owner, "GET", `${WORKFLOWS}/${id}/executions?community_id=1`);
    await db
      .prepare("UPDATE executions SET status = 'running', seq = 0, ended_at = NULL, duration_ms = NULL WHERE id = ?1")
      .bind(execution_id)
      .run();
    await evictDurableObject(testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(execution_id)));
    await read(execution_id);
    expect((await list()).body.data).toMatchObject([{ execution_id, status: "completed" }]);
  });

  it("shows a run as cancelled at once", async () => {
    const id = await publishWorkflow(owner, {
      nodes: {
        start: { node_type: "trigger_manual" },
        nap: { node_type: "action_delay", config: { duration: 1, unit: "hours" } },
      },
      connections: [{ from_node_id: "start", to_node_id: "nap" }],
    });
    const { data } = (await call(owner, "POST", `${WORKFLOWS}/${id}/execute`, {})).body;
    await call(owner, "POST", `${WORKFLOWS}/executions/${data.execution_id}/cancel`);
    const totals = ["cancelled", "running"].map(async (status) => {
      const list = await call(owner, "GET", `${WORKFLOWS}/${id}/executions?community_id=1&status=${status}`);
      return list.body.meta.pagination.total;
    });
    expect(await Promise.all(totals)).toEqual([1, 0]);
  });
});

describe("test", () => {
  it("shows a trace, mocks what would go out, and leaves nothing but an audit row", async () => {
    const id = await createWorkflow(owner, {
      nodes: {
        start: { node_type: "trigger_manual" },
        call: { node_type: "action_webhook", config: { url: "https://example.com/hook", method: "POST" } },
        nap: { node_type: "action_delay", config: { duration: 2, unit: "days" } },
        code: { node_type: "action_code", config: { language: "javascript", code: "result = 6 * 7" } },
        end: { node_type: "flow_end" },
      },
      connections: ["start call", "call nap", "nap code", "code end"].map((pair) => {
        const [from_node_id, to_node_id] = pair.split(" ");
        return { from_node_id, to_node_id };
      }),
    });
    const count = async () => {
      const tables = ["executions", "events", "workflow_versions", "messages"];
      const rows = await db.batch(tables.map((table) => db.prepare(`SELECT count(*) AS n FROM ${table}`)));
      return rows.map(({ results }) => (results[0] as { n: number }).n);
    };
    const before = await count();
    const { status, body } = await call(owner, "POST", `${WORKFLOWS}/${id}/test`, {
      community_id: 456,
      variables: { param1: "test_value" },
      metadata: { session_id: "s" },
    });
    expect(status).toBe(200);
    const data = schema.testedWorkflow.parse(body).data;
    expect(data).toMatchObject({
      workflow_id: id,
      test_mode: true,
      status: "completed",
      final_variables: { param1: "test_value" },
      summary: { nodes_executed: 5, nodes_failed: 0, passed: true, total_duration: data.execution_time_seconds },
    });
    expect(data.execution_time_seconds).toBeLessThan(60);
    const trace = Object.fromEntries(data.trace.map((step) => [step.node_id, step]));
    expect(trace.call).toMatchObject({ mocked: true, output: { mocked: true }, status: "completed" });
    expect(trace.call!.logs.join()).toMatch(/mocked/i);
    expect(trace.code).toMatchObject({ mocked: false, output: { result: 42 } });
    expect(trace.nap!.logs.join()).toContain("172800 s");
    expect(await count()).toEqual(before);
    const { results } = await db.prepare("SELECT action FROM audit WHERE target_id = ?1 ORDER BY id").bind(id).all();
    expect(results.map((row) => row.action)).toEqual(["workflow.created", "workflow.tested"]);
  });

  it("refuses what cannot run", async () => {
    const id = await createWorkflow(owner, { nodes: {}, connections: [] });
    const { status, body } = await call(owner, "POST", `${WORKFLOWS}/${id}/test`, {});
    expect([status, body.error.code]).toEqual([400, "EXECUTION_ERROR"]);
  });
});
