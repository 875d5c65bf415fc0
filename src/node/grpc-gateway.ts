// Native gRPC for the three calls of the core API: listens on GRPC_PORT (50070) with HTTP/2 without TLS, and forwards each call to the Worker at
// WORKER_URL (http://127.0.0.1:8787), which decides everything. Credentials, deadlines and cancellation travel with the call.
import http2 from "node:http2";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createClient,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { createConnectTransport } from "@connectrpc/connect-web";
import { WorkflowService } from "../api/core/grpc/gen/workflow/v1/workflow_pb.ts";

/** Of one message, unpacked: what the Worker takes. The library's own limit is four gigabytes. */
const MAX_BYTES = 1024 * 1024;

/** Headers of the one connection that mean nothing, or something else, on the other. */
const HOP = /^(content-|connection|host|te$|transfer-encoding|grpc-|connect-|accept|user-agent|:)/i;

const forwarded = (headers: Headers): Headers => {
  const kept = new Headers();
  headers.forEach((value, name) => {
    if (!HOP.test(name)) kept.set(name, value);
  });
  return kept;
};

const custom = (headers: Headers): Headers => {
  const kept = new Headers();
  headers.forEach((value, name) => {
    if (name.startsWith("x-")) kept.set(name, value);
  });
  return kept;
};

/** A Worker that cannot be reached is UNAVAILABLE, and no header of its HTTP answer passes for metadata. */
const tellErrors: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (failure) {
    const error = ConnectError.from(failure);
    if (error.code === Code.Unknown && error.cause instanceof TypeError) {
      throw new ConnectError("the Worker cannot be reached", Code.Unavailable);
    }
    throw new ConnectError(error.rawMessage, error.code, custom(error.metadata));
  }
};

/** Connect escapes more of a message than gRPC asks for, and clients such as grpc-js leave that part as it is. */
const tellPlainly = (response: http2.Http2ServerResponse): void => {
  const addTrailers = response.addTrailers.bind(response);
  response.addTrailers = (trailers) => {
    const message = trailers["grpc-message"];
    const plain = typeof message === "string" ? { "grpc-message": encodeURI(decodeURIComponent(message)) } : {};
    addTrailers({ ...trailers, ...plain });
  };
};

/** An HTTP/2 server that is not listening yet. */
export const grpcGateway = (workerUrl: string): http2.Http2Server => {
  const transport = createConnectTransport({ baseUrl: workerUrl, useBinaryFormat: true, interceptors: [tellErrors] });
  const client = createClient(WorkflowService, transport);
  const options = (call: HandlerContext) => ({
    headers: forwarded(call.requestHeader),
    signal: call.signal,
    timeoutMs: call.timeoutMs(),
    onHeader: (headers: Headers) => {
      for (const [name, value] of custom(headers)) call.responseHeader.set(name, value);
    },
  });
  const routes = (router: ConnectRouter) =>
    router.service(WorkflowService, {
      executeWorkflow: (request, call) => client.executeWorkflow(request, options(call)),
      getExecutionStatus: (request, call) => client.getExecutionStatus(request, options(call)),
      cancelExecution: (request, call) => client.cancelExecution(request, options(call)),
    });
  const serve = connectNodeAdapter({ routes, grpc: true, grpcWeb: false, connect: false, readMaxBytes: MAX_BYTES });
  return http2.createServer((request, response) => {
    tellPlainly(response);
    serve(request, response);
  });
};

if (import.meta.main) {
  const workerUrl = process.env.WORKER_URL ?? "http://127.0.0.1:8787";
  const port = Number(process.env.GRPC_PORT ?? 50070);
  grpcGateway(workerUrl).listen(port, () => console.log(`gRPC on port ${port}, forwarding to ${workerUrl}`));
}
