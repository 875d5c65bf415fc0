// The gRPC service at the Worker, over Connect and gRPC-Web. Native gRPC needs HTTP/2 trailers, which a Worker has not: src/node/grpc-gateway.ts speaks it.
import { createConnectRouter, createContextValues, type Interceptor } from "@connectrpc/connect";
import { universalServerRequestFromFetch, universalServerResponseToFetch } from "@connectrpc/connect/protocol";
import type { ApiContext } from "../../shared/api.ts";
import { authenticate } from "../../shared/authenticate.ts";
import { DEFAULT_BODY_BYTES } from "../../shared/read-body.ts";
import { httpContext } from "./caller.ts";
import { connectErrorOf } from "./errors.ts";
import { WorkflowService } from "./gen/workflow/v1/workflow_pb.ts";
import { workflowCalls } from "./workflow-calls.ts";

const identified = authenticate({ organization: "optional" });

/** First of all, so that a call without credentials learns nothing else. */
const identify: Interceptor = (next) => async (request) => {
  const c = request.contextValues.get(httpContext)!;
  try {
    await identified(c, async () => {});
    return await next(request);
  } catch (error) {
    throw connectErrorOf(error, c.var.requestId);
  }
};

const router = createConnectRouter({
  connect: true,
  grpcWeb: true,
  grpc: false,
  interceptors: [identify],
  readMaxBytes: DEFAULT_BODY_BYTES,
}).service(WorkflowService, workflowCalls);

/** One route a method. */
export const grpcRoutes = router.handlers.map((handler) => ({
  path: handler.requestPath,
  answer: async (c: ApiContext): Promise<Response> => {
    const contextValues = createContextValues().set(httpContext, c);
    const answer = await handler({ ...universalServerRequestFromFetch(c.req.raw, {}), contextValues });
    return universalServerResponseToFetch(answer);
  },
}));
