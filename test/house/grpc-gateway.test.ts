// `npm run grpc`: a native gRPC client (grpc-js) through the gateway to a Worker's side of the service, spoken over Connect as the Worker does.
import { createServer, type Server } from "node:http";
import type { Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WorkflowService } from "../../src/api/core/grpc/gen/workflow/v1/workflow_pb.ts";
import { grpcGateway } from "../../src/node/grpc-gateway.ts";

const seen: { authorization: string | null; timeoutMs: number | undefined }[] = [];

const routes = (router: ConnectRouter) =>
  router.service(WorkflowService, {
    executeWorkflow: (request, call) => {
      seen.push({ authorization: call.requestHeader.get("authorization"), timeoutMs: call.timeoutMs() });
      call.responseHeader.set("x-request-id", "r1");
      return {
        executionId: `run-of-${request.workflowId}`,
        workflowId: request.workflowId,
        status: String(request.variables?.name),
      };
    },
    getExecutionStatus: () => {
      throw new ConnectError("Execution not found: look at “x; y”, 50% elsewhere?", Code.NotFound, {
        "x-request-id": "r2",
      });
    },
    cancelExecution: () => new Promise(() => {}),
  });

type Call = (
  request: object,
  metadata: grpc.Metadata,
  options: grpc.CallOptions,
  done: (error: grpc.ServiceError | null, answer?: Record<string, unknown>) => void,
) => grpc.ClientUnaryCall;
type Client = grpc.Client & Record<"ExecuteWorkflow" | "GetExecutionStatus" | "CancelExecution", Call>;

const portOf = (server: Server | Http2Server) => (server.address() as AddressInfo).port;
const listen = <S extends Server | Http2Server>(server: S): Promise<S> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));

let worker: Server;
let gateway: Http2Server;
let client: Client;
const clientOf = (port: number): Client => {
  const proto = join(import.meta.dirname, "../../src/api/core/grpc/proto");
  const definition = loader.loadSync("workflow/v1/workflow.proto", { includeDirs: [proto], defaults: true });
  const { workflow } = grpc.loadPackageDefinition(definition) as unknown as {
    workflow: { v1: { WorkflowService: new (address: string, credentials: grpc.ChannelCredentials) => Client } };
  };
  return new workflow.v1.WorkflowService(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
};

beforeAll(async () => {
  worker = await listen(createServer(connectNodeAdapter({ routes, connect: true, grpc: false, grpcWeb: true })));
  gateway = await listen(grpcGateway(`http://127.0.0.1:${portOf(worker)}`));
  client = clientOf(portOf(gateway));
});
afterAll(() => {
  client.close();
  gateway.close();
  worker.close();
  worker.closeAllConnections();
});

const ask = (of: Client, method: keyof Omit<Client, keyof grpc.Client>, request: object, seconds = 5) =>
  new Promise<{
    answer?: Record<string, unknown>;
    headers?: Record<string, unknown>;
    code?: string;
    error?: grpc.ServiceError;
  }>((resolve) => {
    const metadata = new grpc.Metadata();
    metadata.set("authorization", "Bearer t");
    let headers: Record<string, unknown> | undefined;
    const call = of[method](request, metadata, { deadline: Date.now() + seconds * 1000 }, (error, answer) =>
      setTimeout(
        () => resolve(error ? { code: grpc.status[error.code], error } : { answer: answer!, headers: headers! }),
        5,
      ),
    );
    call.on("metadata", (given) => {
      headers = given.getMap();
    });
  });

describe("the gRPC gateway", () => {
  it("carries the message, the credentials and the deadline there, the answer and its headers back", async () => {
    const variables = { fields: { name: { stringValue: "سلام", kind: "stringValue" } } };
    const { answer, headers } = await ask(client, "ExecuteWorkflow", { workflowId: "w1", variables });
    expect(answer).toMatchObject({ executionId: "run-of-w1", workflowId: "w1", status: "سلام" });
    expect(headers).toMatchObject({ "x-request-id": "r1" });
    expect(seen[0]!.authorization).toBe("Bearer t");
    expect(seen[0]!.timeoutMs).toBeGreaterThan(3_000);
    expect(seen[0]!.timeoutMs).toBeLessThanOrEqual(5_000);
  });

  it("passes errors on with their status, message and request id", async () => {
    const { code, error } = await ask(client, "GetExecutionStatus", { executionId: "x" });
    expect([code, error!.details, error!.metadata.getMap()["x-request-id"]]).toEqual([
      "NOT_FOUND",
      "Execution not found: look at “x; y”, 50% elsewhere?",
      "r2",
    ]);
  });

  it("ends a call at its deadline", async () => {
    expect((await ask(client, "CancelExecution", { executionId: "x" }, 0.3)).code).toBe("DEADLINE_EXCEEDED");
  });

  it("is UNAVAILABLE when the Worker is", async () => {
    const lonely = await listen(grpcGateway("http://127.0.0.1:1"));
    const other = clientOf(portOf(lonely));
    expect((await ask(other, "ExecuteWorkflow", { workflowId: "w" })).code).toBe("UNAVAILABLE");
    other.close();
    lonely.close();
  });
});
