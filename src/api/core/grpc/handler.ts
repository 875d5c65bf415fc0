// The gRPC service at the Worker, over Connect and gRPC-Web. Native gRPC needs HTTP/2 trailers, which a Worker has not: src/node/grpc-gateway.ts
// speaks it.
import { type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { createConnectRouter, createContextValues, type HandlerContext, type Interceptor } from "@connectrpc/connect";
import { universalServerResponseToFetch } from "@connectrpc/connect/protocol";
import { DomainError } from "../../../domain/errors.ts";
import type { ApiContext } from "../../shared/api.ts";
import { authenticate } from "../../shared/authenticate.ts";
import { DEFAULT_BODY_BYTES, readBytes } from "../../shared/read-body.ts";
import { recordRefusal } from "../../shared/record-refusal.ts";
import { bodyBytes, httpContext } from "./caller.ts";
import { connectErrorOf } from "./errors.ts";
import { WorkflowService } from "./gen/workflow/v1/workflow_pb.ts";
import { workflowCalls } from "./workflow-calls.ts";

const identified = authenticate({ organization: "optional" });

/** Flags and length in front of a gRPC-Web message. */
const ENVELOPE = 5;

/** What is no message of this method is the sender's fault; Connect would call it ours. JSON and envelopes it judges well by itself. */
const requireMessage = (input: DescMessage, contentType: string, bytes: Uint8Array): void => {
  if (!contentType.includes("proto") && contentType !== "application/grpc-web") return;
  const framed = contentType.startsWith("application/grpc-web");
  if (framed && (bytes[0] !== 0 || bytes.byteLength < ENVELOPE)) return;
  try {
    fromBinary(input, framed ? bytes.subarray(ENVELOPE) : bytes);
  } catch {
    throw new DomainError("malformed_json", `The body is not a ${input.typeName}`);
  }
};

/** What goes wrong becomes a gRPC status; a refusal leaves its audit row, as over HTTP. */
const answered = async <T>(c: ApiContext, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError) await recordRefusal(c, error);
    throw connectErrorOf(error, c.var.requestId);
  }
};

/** First of all, before a byte is read: a call without credentials learns nothing else. */
const requestGate = ({ values, method, requestHeader }: HandlerContext): Promise<void> => {
  const c = values.get(httpContext)!;
  return answered(c, async () => {
    await identified(c, async () => {});
    const bytes = await readBytes(c);
    requireMessage(method.input, requestHeader.get("content-type") ?? "", bytes);
    values.set(bodyBytes, bytes);
  });
};

const tellErrors: Interceptor = (next) => (request) =>
  answered(request.contextValues.get(httpContext)!, () => next(request));

const router = createConnectRouter({
  connect: true,
  grpcWeb: true,
  grpc: false,
  requestGate,
  interceptors: [tellErrors],
  readMaxBytes: DEFAULT_BODY_BYTES,
}).service(WorkflowService, workflowCalls);

/** One route a method. */
export const grpcRoutes = router.handlers.map((handler) => ({
  path: handler.requestPath,
  answer: async (c: ApiContext): Promise<Response> => {
    const contextValues = createContextValues().set(httpContext, c);
    // Asked for after the gate, which has read it.
    const body = (async function* () {
      yield contextValues.get(bodyBytes);
    })();
    const { method, url, headers: header, signal } = c.req.raw;
    const answer = await handler({ httpVersion: "", method, url, header, signal, body, contextValues });
    return universalServerResponseToFetch(answer);
  },
}));
