// Executions through the enhanced API: details, journal and replay of runs of every authoring API, by the real worker and its objects.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import * as schema from "../../../src/api/enhanced/executions/schema.ts";
import { newId } from "../../../src/lib/ids.ts";
import { makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";
import { call, publishWorkflow, until, WORKFLOWS } from "../core/kit.ts";

const EXECUTIONS = "/api/v2/executions";

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

const get = (path: string) => call(owner, "GET", path);
const post = (path: string, body: unknown = {}) => call(owner, "POST", path, body);

const execute = async (workflowId: string, body: object): Promise<string> => {
  const { status, body: answer } = await post(`${WORKFLOWS}/${workflowId}/execute`, { community_id: 1, ...body });
  expect(status, JSON.stringify(answer)).toBe(202);
  return answer.data.execution_id;
};

const ended = (id: string) =>
  until(
    () => get(`${EXECUTIONS}/${id}`),
    ({ status, body }) => status === 200 && body.execution.completedAt !== null,
    30_000,
  );

describe("an execution", () => {
  let workflowId: string;
  let id: string;
  beforeAll(async () => {
    workflowId = await publishWorkflow(owner);
    id = await execute(workflowId, { variables: { name: "Ann", n: 3 }, metadata: { session: "s" } });
    await ended(id);
  });

  it("has its steps, timeline, performance and logs, by its id and below its workflow", async () => {
    const { body } = await get(`${EXECUTIONS}/${id}`);
    expect(schema.details.parse(body)).toEqual(body);
    expect(body.execution).toMatchObject({
      ...{ id, workflowId, version: 1, status: "completed", triggerType: "MANUAL_TRIGGER", testMode: false },
      ...{ nodesExecuted: 3, error: null, inputData: { name: "Ann", n: 3 }, context: { session: "s" } },
    });
    expect(body.execution.output).toEqual(body.steps.at(-1).output);
    expect(body.steps.map((step: { nodeId: string; status: string }) => [step.nodeId, step.status])).toEqual([
      ["start", "completed"],
      ["shape", "completed"],
      ["end", "completed"],
    ]);
    expect(body.steps[1]).toMatchObject({ name: "Shape", output: { text: "Hello, Ann!", n: 3 }, visit: 1 });
    expect(body.timeline.map((line: { type: string; nodeId: string | null }) => [line.type, line.nodeId])).toEqual([
      ["execution_started", null],
      ["step_started", "start"],
      ["step_completed", "start"],
      ["step_started", "shape"],
      ["step_completed", "shape"],
      ["step_started", "end"],
      ["step_completed", "end"],
      ["execution_completed", null],
    ]);
    expect(body.performance).toMatchObject({ stepsExecuted: 3, commits: 1, retries: 0 });
    expect(body.debugInfo).toMatchObject({ seq: 1, stuck: null, cut: null });
    const below = await get(`/api/v2/workflows/${workflowId}/executions/${id}`);
    expect(below.body).toEqual(body);
  });

  it("is not below another workflow, nor another organisation's", async () => {
    const other = await publishWorkflow(owner);
    const { status, body } = await get(`/api/v2/workflows/${other}/executions/${id}`);
    expect([status, body.error.code]).toEqual([404, "NOT_FOUND"]);
    const stranger = await makeOrganization();
    expect((await call(stranger, "GET", `${EXECUTIONS}/${id}`)).status).toBe(404);
    expect((await get(`${EXECUTIONS}/nonsense`)).status).toBe(404);
  });

  it("has a journal, a page at a time, that says what each input did", async () => {
    const { body } = await get(`${EXECUTIONS}/${id}/journal`);
    expect(schema.journal.parse(body)).toEqual(body);
    expect(body.entries).toHaveLength(1);
    expect(body.entries[0]).toMatchObject({
      ...{ seq: 1, type: "start", ignored: false, status: "completed" },
      input: { type: "start", variables: { name: "Ann" }, event: { occurredAt: expect.stringMatching(/Z$/) } },
      did: { effects: [{ type: "finished", details: { status: "completed" } }] },
    });
    expect(body.entries[0].did.ended.map(({ nodeId }: { nodeId: string }) => nodeId)).toEqual([
      "start",
      "shape",
      "end",
    ]);
    expect((await get(`${EXECUTIONS}/${id}/journal?page=2`)).body.entries).toEqual([]);
    expect((await get(`${EXECUTIONS}/${id}/journal?page=0`)).status).toBe(400);
  });

  it("is what its journal makes of it, and a record that was changed behind its back is found", async () => {
    const { body } = await post(`${EXECUTIONS}/${id}/replay`);
    expect(schema.replayed.parse(body)).toEqual(body);
    expect(body).toMatchObject({ equal: true, journal: "kept", reason: null, seq: 1, steps: 1, differences: [] });
    const stub = testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(id));
    await runInDurableObject(stub, (_, { storage }) => {
      storage.sql.exec("UPDATE records SET value = '\"Eve\"' WHERE key = 'v:name'");
    });
    const forged = await post(`${EXECUTIONS}/${id}/replay`);
    expect(forged.body).toMatchObject({
      equal: false,
      differences: [{ record: "v:name", stored: "Eve", replayed: "Ann" }],
    });
  });

  it("whose object is gone is told from the index, and its journal is said to be gone", async () => {
    const gone = await execute(workflowId, { variables: { name: "Bob", n: 1 } });
    await ended(gone);
    const stub = testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(gone));
    await runInDurableObject(stub, (_, { storage }) => storage.deleteAll());
    await evictDurableObject(stub);
    const { status, body } = await get(`${EXECUTIONS}/${gone}`);
    expect(status).toBe(200);
    expect(schema.details.parse(body)).toEqual(body);
    expect(body.execution).toMatchObject({ status: "completed", version: 1, output: null });
    expect(body.debugInfo).toBeUndefined();
    expect(body.steps.map(({ nodeId }: { nodeId: string }) => nodeId)).toEqual(["start", "shape", "end"]);
    expect(body.timeline.at(-1).type).toBe("execution_completed");
    expect((await get(`${EXECUTIONS}/${gone}/journal`)).status).toBe(409);
    const replayed = await post(`${EXECUTIONS}/${gone}/replay`);
    expect(replayed.body).toMatchObject({ equal: null, journal: "deleted", steps: 0 });
    expect(replayed.body.reason).toMatch(/not kept any more/);
  });
});

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

it("one that goes on says what it waits for, and can be cancelled, once", async () => {
  const id = await execute(await publishWorkflow(owner, sleeping), {});
  const { body } = await until(
    () => get(`${EXECUTIONS}/${id}`),
    (answer) => answer.body.execution?.status === "waiting",
  );
  expect(body.execution.completedAt).toBeNull();
  expect(body.debugInfo.waiting).toMatchObject([{ nodeId: "nap", phase: "waiting" }]);
  expect(body.timeline.at(-1)).toMatchObject({ type: "step_waiting", nodeId: "nap" });
  const cancelled = await post(`${EXECUTIONS}/${id}/cancel`, { reason: "no longer wanted" });
  expect(schema.cancelled.parse(cancelled.body)).toMatchObject({ executionId: id });
  expect((await post(`${EXECUTIONS}/${id}/cancel`)).status).toBe(409);
  const after = await get(`${EXECUTIONS}/${id}`);
  expect(after.body.execution).toMatchObject({ status: "cancelled", error: { message: "no longer wanted" } });
  expect((await post(`${EXECUTIONS}/${newId(1)}/cancel`)).status).toBe(404);
});
