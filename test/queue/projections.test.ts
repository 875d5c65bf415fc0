// Runs' reports of themselves in the index: idempotent, in any order, counted once.
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../src/lib/ids.ts";
import type { ProjectionMessage } from "../../src/queue/catalogue.ts";
import worker from "../../src/worker.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";

let organizationId: string;
beforeAll(async () => {
  organizationId = (await makeOrganization()).organizationId;
});

const reportOf = (more: Partial<ProjectionMessage> = {}): ProjectionMessage => ({
  executionId: newId(1_700_000_000_000),
  organizationId,
  workflowId: "w",
  versionId: "v",
  seq: 1,
  status: "waiting",
  startedAt: 1_700_000_000_100,
  endedAt: null,
  nodesExecuted: 1,
  error: null,
  errorNodeId: null,
  nextWakeAt: 1_700_000_060_000,
  dryRun: false,
  eventId: null,
  triggerType: "MANUAL_TRIGGER",
  priority: 5,
  parentId: null,
  steps: [stepOf(1, { status: "waiting", completedAt: null })],
  ...more,
});

const stepOf = (
  n: number,
  more: Partial<ProjectionMessage["steps"][number]> = {},
): ProjectionMessage["steps"][number] => ({
  n,
  nodeId: `node${n}`,
  nodeType: "action_delay",
  visit: 1,
  status: "completed",
  startedAt: 1_700_000_000_100,
  completedAt: 1_700_000_000_200,
  attempts: 0,
  error: null,
  ...more,
});

const ended = (report: ProjectionMessage, more: Partial<ProjectionMessage> = {}): ProjectionMessage => ({
  ...report,
  seq: report.seq + 1,
  status: "completed",
  endedAt: 1_700_000_001_100,
  nodesExecuted: 2,
  nextWakeAt: null,
  steps: [stepOf(1), stepOf(2)],
  ...more,
});

const deliver = async (...bodies: unknown[]) => {
  const batch = createMessageBatch(
    "projections",
    bodies.map((body) => ({ id: newId(), timestamp: new Date(), attempts: 1, body })),
  );
  await worker.queue(batch as MessageBatch, testEnv);
  return getQueueResult(batch as MessageBatch, createExecutionContext());
};

const rowOf = (id: string) =>
  db.prepare("SELECT * FROM executions WHERE id = ?1").bind(id).first<Record<string, unknown>>();
const stepsOf = async (id: string) =>
  (
    await db
      .prepare("SELECT n, status, ended_at FROM execution_steps WHERE execution_id = ?1 ORDER BY n")
      .bind(id)
      .all()
  ).results;
const countsOf = async (workflowId: string) =>
  Object.fromEntries(
    (
      await db
        .prepare("SELECT status, n FROM execution_counts WHERE org_id = ?1 AND workflow_id = ?2 AND n <> 0")
        .bind(organizationId, workflowId)
        .all<{ status: string; n: number }>()
    ).results.map((row) => [row.status, row.n]),
  );

describe("projections consumer", () => {
  it("writes a run and its steps, and never goes back, in whatever order reports come", async () => {
    const workflowId = newId();
    const early = reportOf({ workflowId });
    const late = ended(early);
    for (const order of [[early, late], [late, early], [late], [early]]) await deliver(...order);
    expect(await rowOf(early.executionId)).toMatchObject({
      status: "completed",
      seq: 2,
      duration_ms: 1_000,
      nodes_executed: 2,
      next_wake_at: null,
      created_at: 1_700_000_000_000,
    });
    expect(await stepsOf(early.executionId)).toEqual([
      { n: 1, status: "completed", ended_at: 1_700_000_000_200 },
      { n: 2, status: "completed", ended_at: 1_700_000_000_200 },
    ]);
    expect(await countsOf(workflowId)).toEqual({ completed: 1 });
    const rollup = await db.prepare("SELECT * FROM execution_rollups WHERE workflow_id = ?1").bind(workflowId).first();
    expect(rollup).toMatchObject({ started: 1, completed: 1, duration_sum: 1_000, nodes: 2 });
  });

  it("counts no time for a run or a step that ended before it began, by a clock that went back", async () => {
    const workflowId = newId();
    const early = reportOf({ workflowId });
    const back = { endedAt: 1_699_999_999_000, steps: [stepOf(1, { completedAt: 1_699_999_998_000 })] };
    await deliver(ended(early, back));
    expect(await rowOf(early.executionId)).toMatchObject({ duration_ms: 0, ended_at: 1_700_000_000_100 });
    expect(await stepsOf(early.executionId)).toMatchObject([{ ended_at: 1_700_000_000_100 }]);
    const rollup = await db.prepare("SELECT * FROM execution_rollups WHERE workflow_id = ?1").bind(workflowId).first();
    expect(rollup).toMatchObject({ completed: 1, duration_sum: 0, duration_max: 0 });
  });

  it("takes a step's progress while it goes on", async () => {
    const report = reportOf();
    await deliver(report);
    await deliver({ ...report, seq: 2, steps: [stepOf(1, { status: "running", completedAt: null, attempts: 3 })] });
    const row = await db
      .prepare("SELECT status, attempts FROM execution_steps WHERE execution_id = ?1")
      .bind(report.executionId)
      .first();
    expect(row).toEqual({ status: "running", attempts: 3 });
  });

  it("notes an action of a marketing workflow once, however often and in however many reports it was visited", async () => {
    const [waited, added] = [`a_${newId()}`, `a_${newId()}`];
    const visits = [stepOf(1, { nodeId: waited }), stepOf(2, { nodeId: waited, visit: 2 })];
    const report = reportOf({ steps: visits });
    await deliver(report);
    await deliver({ ...report, seq: 2 });
    const late = { seq: 3, steps: [...visits, stepOf(3, { nodeId: added })] };
    expect((await deliver(ended(report, late))).retryMessages).toEqual([]);
    expect(await rowOf(report.executionId)).toMatchObject({ status: "completed", seq: 3 });
    const actions = await db
      .prepare("SELECT node_id FROM execution_actions WHERE org_id = ?1 AND execution_id = ?2")
      .bind(organizationId, report.executionId)
      .all<{ node_id: string }>();
    expect(actions.results.map((row) => row.node_id)).toEqual([waited, added].toSorted());
  });

  it("takes over the row that the events consumer wrote for the start", async () => {
    const report = reportOf({ seq: 3 });
    await db
      .prepare(
        `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, created_at, updated_at, next_wake_at)
         VALUES (?1, ?2, 'w', 'v', 'running', 0, 'custom', 1700000000000, 1, 5)`,
      )
      .bind(organizationId, report.executionId)
      .run();
    const { explicitAcks } = await deliver(report);
    expect(explicitAcks.length).toBe(1);
    expect(await rowOf(report.executionId)).toMatchObject({
      status: "waiting",
      seq: 3,
      next_wake_at: 1_700_000_060_000,
    });
  });

  it("writes large reports in several statements, and a bad one holds up no other", async () => {
    const long = ended(reportOf(), {
      steps: Array.from({ length: 400 }, (_, index) => stepOf(index + 1, { error: "x".repeat(200) })),
    });
    const many = Array.from({ length: 20 }, () => ({ ...long, executionId: newId(1_700_000_000_000) }));
    const { explicitAcks, retryMessages } = await deliver(...many, { executionId: 5 });
    expect([explicitAcks.length, retryMessages.length]).toEqual([20, 1]);
    for (const { executionId } of many.slice(-2)) expect((await stepsOf(executionId)).length).toBe(400);
  });
});
