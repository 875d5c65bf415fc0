// The live stream, through the whole Worker: what listeners read, how they go on after they were cut off, and when they are sent away.
import { createExecutionContext, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Definition } from "../../src/engine/contract.ts";
import { newId } from "../../src/lib/ids.ts";
import { executionStub } from "../../src/objects/execution/rpc.ts";
import worker from "../../src/worker.ts";
import { db, makeOrganization, type Tenant, testEnv } from "../fixtures/identity.ts";
import { definition, eventually, makeWorkflow, type TestWorkflow } from "./kit.ts";
import { StreamReader } from "./stream-reader.ts";

const steps = (count: number): Definition => {
  const ids = ["t", ...Array.from({ length: count }, (_, n) => `s${n}`)];
  const nodes = Object.fromEntries(
    ids.map((id) => [
      id,
      id === "t"
        ? { type: "trigger_manual", config: {} }
        : { type: "data_variable", config: { name: id, value: `secret-${id}` } },
    ]),
  );
  return definition(nodes, ids);
};

const napping = (): Definition =>
  definition(
    {
      t: { type: "trigger_manual", config: {} },
      nap: { type: "action_delay", config: { duration: 1, unit: "hours" } },
      end: { type: "flow_end", config: {} },
    },
    ["t", "nap", "end"],
  );

const call = async (path: string, init: RequestInit = {}): Promise<Response> =>
  worker.fetch(
    new Request(`https://signalbox.test${path}`, init) as never,
    testEnv,
    createExecutionContext(),
  ) as unknown as Promise<Response>;

const readers: StreamReader[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(readers.splice(0).map((reader) => reader.leave().catch(() => {})));
});

const open = async (who: Tenant, workflowId: string, lastEventId?: string): Promise<StreamReader> => {
  const response = await call(`/api/v2/workflows/${workflowId}/stream`, {
    headers: { ...who.headers, ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }) },
  });
  expect(response.status, response.status === 200 ? "" : await response.clone().text()).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const reader = new StreamReader(response);
  readers.push(reader);
  await eventually(async () => reader.events.length > 0);
  return reader;
};

const start = ({ organizationId, workflowId, versionId }: TestWorkflow, watched = true): Promise<string> => {
  const executionId = newId();
  const at = Date.now();
  return executionStub(testEnv, executionId)
    .start({
      executionId,
      organizationId,
      workflowId,
      versionId,
      startNodes: [],
      event: { id: newId(), type: "MANUAL_TRIGGER", source: "test", data: {}, occurredAt: at },
      variables: {},
      metadata: {},
      dryRun: false,
      eventDepth: 0,
      ...(watched && { watched }),
    })
    .then(() => executionId);
};

const made = async (graph: Definition = steps(2)) => {
  const owner = await makeOrganization();
  return { owner, workflow: await makeWorkflow(owner.organizationId, graph) };
};

describe("what a listener reads", () => {
  it("begins at once, with a comment, how soon to come again, and a place to go on from", async () => {
    const { owner, workflow } = await made();
    const reader = await open(owner, workflow.workflowId);
    expect(reader.comments).toEqual(["live"]);
    expect(reader.retry).toBe(2_000);
    expect(reader.events).toEqual([
      {
        name: "connected",
        id: expect.stringMatching(/^[a-z0-9]+-0$/),
        data: { workflowId: workflow.workflowId, resumed: false, heartbeatSeconds: 15 },
      },
    ]);
  });

  it("tells of a run's start, each of its steps and its end, in order and without what they put out", async () => {
    const { owner, workflow } = await made();
    const reader = await open(owner, workflow.workflowId);
    const executionId = await start(workflow);
    await eventually(async () => reader.named("execution_completed").length > 0);
    expect(reader.events.map(({ name }) => name)).toEqual([
      "connected",
      "execution_started",
      ...["step_completed", "step_completed", "step_completed"],
      "execution_completed",
    ]);
    expect(reader.named("step_completed").map(({ nodeId, step }) => [nodeId, step])).toEqual([
      ["t", 1],
      ["s0", 2],
      ["s1", 3],
    ]);
    expect(reader.named("step_completed")[1]).toEqual({
      workflowId: workflow.workflowId,
      executionId,
      step: 2,
      nodeId: "s0",
      nodeType: "data_variable",
      visit: 1,
      status: "completed",
      port: "output",
      attempts: 0,
      startedAt: expect.stringMatching(/Z$/),
      completedAt: expect.stringMatching(/Z$/),
      durationMs: expect.any(Number),
      output: expect.objectContaining({ type: "object" }),
      error: null,
    });
    expect(JSON.stringify(reader.events)).not.toContain("secret-");
    expect(reader.named("execution_completed")[0]).toMatchObject({
      executionId,
      status: "completed",
      nodesExecuted: 3,
    });
  });

  it("tells of a run that was under way, and of one that nobody told at its start that somebody listens", async () => {
    const { owner, workflow } = await made(napping());
    const before = await start(workflow, false);
    await db
      .prepare(
        `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, 'waiting', 1, 'MANUAL_TRIGGER', 1, 1)`,
      )
      .bind(workflow.organizationId, before, workflow.workflowId, workflow.versionId)
      .run();
    const reader = await open(owner, workflow.workflowId);
    await eventually(async () =>
      runInDurableObject(testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(before)), (_, state) =>
        JSON.stringify(state.storage.sql.exec("SELECT value FROM records WHERE key = 'meta'").toArray()).includes(
          "told",
        ),
      ),
    );
    await executionStub(testEnv, before).cancel(workflow.organizationId, "enough");
    await eventually(async () => reader.named("execution_failed").length > 0);
    expect(reader.named("execution_failed")).toMatchObject([{ executionId: before, status: "cancelled" }]);
    expect(reader.named("execution_started")).toEqual([]);
  });
});
