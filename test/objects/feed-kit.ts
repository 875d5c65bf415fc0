// A workflow with somebody who listens to it, through the whole Worker.
import { createExecutionContext, runInDurableObject } from "cloudflare:test";
import { expect } from "vitest";
import type { Definition } from "../../src/engine/contract.ts";
import { newId } from "../../src/lib/ids.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { executionStub } from "../../src/objects/execution/rpc.ts";
import worker from "../../src/worker.ts";
import { db, makeOrganization, type Tenant, testEnv } from "../fixtures/identity.ts";
import { definition, eventually, makeWorkflow, type TestWorkflow } from "./kit.ts";
import { StreamReader } from "./stream-reader.ts";

export const steps = (count: number): Definition => {
  const ids = ["t", ...Array.from({ length: count }, (_, n) => `s${n}`)];
  const nodes = Object.fromEntries(
    ids.map((id) => [
      id,
      id === "t"
        ? { type: "trigger_manual", config: {} as JsonObject }
        : { type: "data_variable", config: { name: id, value: `secret-${id}` } },
    ]),
  );
  return definition(nodes, ids);
};

export const napping = (): Definition =>
  definition(
    {
      t: { type: "trigger_manual", config: {} },
      nap: { type: "action_delay", config: { duration: 1, unit: "hours" } },
      end: { type: "flow_end", config: {} },
    },
    ["t", "nap", "end"],
  );

export const call = async (path: string, init: RequestInit = {}): Promise<Response> =>
  worker.fetch(
    new Request(`https://signalbox.test${path}`, init) as never,
    testEnv,
    createExecutionContext(),
  ) as unknown as Promise<Response>;

export const readers: StreamReader[] = [];

export const open = async (who: Tenant, workflowId: string, lastEventId?: string): Promise<StreamReader> => {
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

export const start = ({ organizationId, workflowId, versionId }: TestWorkflow, watched = true): Promise<string> => {
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

export const made = async (graph: Definition = steps(2)) => {
  const owner = await makeOrganization();
  return { owner, workflow: await makeWorkflow(owner.organizationId, graph) };
};

/** As if whoever started it had written its row. */
export const listAsWaiting = async ({ organizationId, workflowId, versionId }: TestWorkflow, executionId: string) => {
  await db
    .prepare(
      `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, created_at, updated_at)
       VALUES (?1, ?2, ?3, ?4, 'waiting', 1, 'MANUAL_TRIGGER', 1, 1)`,
    )
    .bind(organizationId, executionId, workflowId, versionId)
    .run();
};

/** The run knows that somebody listens, and will in its next life. */
export const isFollowed = (executionId: string): Promise<boolean> =>
  runInDurableObject(testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(executionId)), (_, state) =>
    state.storage.sql
      .exec<{ value: string }>("SELECT value FROM records WHERE key = 'meta'")
      .toArray()
      .some(({ value }) => typeof JSON.parse(value).told === "number"),
  );

export const leaveAll = async (): Promise<void> => {
  await Promise.all(readers.splice(0).map((reader) => reader.leave().catch(() => {})));
};
