// The three RPCs at the Worker over Connect and gRPC-Web, with generated clients.

import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { beforeAll, describe, expect, it } from "vitest";
import { WorkflowService } from "../../../src/api/core/grpc/gen/workflow/v1/workflow_pb.ts";
import {
  call,
  createWorkflow,
  fetchWorker,
  makeOrganization,
  publishWorkflow,
  type Tenant,
  UUID,
  WORKFLOWS,
} from "./kit.ts";

/** Without the options that are a browser's. */
const throughWorker: typeof fetch = (input, { method, headers, body, signal } = {}) =>
  fetchWorker(new URL(String(input)).pathname, { method, headers, body, signal } as RequestInit);
const options = { baseUrl: "https://signalbox.test", fetch: throughWorker };

let owner: Tenant;
let workflowId: string;
beforeAll(async () => {
  owner = await makeOrganization();
  workflowId = await publishWorkflow(owner);
});

const failure = async (call: Promise<unknown>): Promise<ConnectError> => {
  try {
    await call;
  } catch (error) {
    return ConnectError.from(error);
  }
  throw new Error("it did not fail");
};

describe.each<[string, Transport]>([
  ["Connect, binary", createConnectTransport({ ...options, useBinaryFormat: true })],
  ["Connect, JSON", createConnectTransport(options)],
  ["gRPC-Web", createGrpcWebTransport(options)],
])("%s", (_, transport) => {
  const client = createClient(WorkflowService, transport);
  const credentials = () => ({ headers: owner.headers });

  it("executes, and tells how it went with the fields of the REST answer", async () => {
    const started = await client.executeWorkflow({ workflowId, variables: { name: "سلام", n: 2.5 } }, credentials());
    expect(started).toMatchObject({
      executionId: expect.stringMatching(UUID),
      workflowId,
      status: "running",
      executionPath: [],
    });
    const waited = await client.executeWorkflow(
      { workflowId, variables: { name: "Ann", n: 2.5 }, wait: true, timeoutSeconds: 10 },
      credentials(),
    );
    expect(waited.execution).toMatchObject({ status: "completed", executionPath: ["start", "shape", "end"] });

    const status = await client.getExecutionStatus(
      { executionId: waited.executionId, includeMetrics: true },
      credentials(),
    );
    const { body } = await call(owner, "GET", `${WORKFLOWS}/executions/${waited.executionId}?include_metrics=true`);
    expect(status).toMatchObject({
      executionId: waited.executionId,
      status: body.data.status,
      executionPath: body.data.execution_path,
      executionTimeSeconds: body.data.execution_time_seconds,
      finalVariables: body.data.final_variables,
      metrics: body.data.metrics,
    });
    expect(timestampDate(status.startTime!).toISOString()).toBe(body.data.start_time);
    expect(timestampDate(status.endTime!).toISOString()).toBe(body.data.end_time);
    expect(status.nodeStates.shape).toMatchObject({ nodeId: "shape", status: "completed", visits: 1 });
    expect(status.errorMessage).toBeUndefined();
  });

  it("cancels", async () => {
    const id = await createWorkflow(owner, {
      nodes: {
        start: { node_type: "trigger_manual" },
        nap: { node_type: "action_delay", config: { duration: 1, unit: "hours" } },
      },
      connections: [{ from_node_id: "start", to_node_id: "nap" }],
    });
    const { executionId } = await client.executeWorkflow({ workflowId: id }, credentials());
    const cancelled = await client.cancelExecution({ executionId }, credentials());
    expect(cancelled).toMatchObject({ executionId, status: "cancelled" });
    expect(timestampDate(cancelled.cancelledAt!).getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect((await failure(client.cancelExecution({ executionId }, credentials()))).code).toBe(Code.FailedPrecondition);
  });

  it("takes the same Idempotency-Key for the same run", async () => {
    const idempotencyKey = crypto.randomUUID();
    const ids = [1, 2].map(
      async () => (await client.executeWorkflow({ workflowId, idempotencyKey }, credentials())).executionId,
    );
    expect(new Set(await Promise.all(ids)).size).toBe(1);
    const other = client.executeWorkflow({ workflowId, idempotencyKey, variables: { a: 1 } }, credentials());
    expect((await failure(other)).code).toBe(Code.AlreadyExists);
  });

  it("says what is wrong as a gRPC status", async () => {
    const executionId = "0190a000-0000-7000-8000-000000000000";
    const stranger = await makeOrganization();
    const sleeping = await publishWorkflow(owner, {
      nodes: {
        start: { node_type: "trigger_manual" },
        nap: { node_type: "action_delay", config: { duration: 1, unit: "hours" } },
      },
      connections: [{ from_node_id: "start", to_node_id: "nap" }],
    });
    const codes = [
      failure(client.getExecutionStatus({ executionId })),
      failure(client.getExecutionStatus({ executionId }, { headers: { authorization: "Bearer bad.jwt.token" } })),
      failure(client.getExecutionStatus({ executionId }, credentials())),
      failure(client.executeWorkflow({ workflowId }, { headers: stranger.headers })),
      failure(client.executeWorkflow({ workflowId, wait: true, timeoutSeconds: -1 }, credentials())),
      failure(client.executeWorkflow({ workflowId: sleeping, wait: true, timeoutSeconds: 0.1 }, credentials())),
    ];
    expect((await Promise.all(codes)).map((error) => Code[error.code])).toEqual([
      "Unauthenticated",
      "Unauthenticated",
      "NotFound",
      "NotFound",
      "InvalidArgument",
      "DeadlineExceeded",
    ]);
  });
});

it("answers a method that is none in the API's own error shape", async () => {
  const answer = await fetchWorker("/workflow.v1.WorkflowService/Nothing", { method: "POST" });
  expect([answer.status, ((await answer.json()) as { success: boolean }).success]).toEqual([404, false]);
});
