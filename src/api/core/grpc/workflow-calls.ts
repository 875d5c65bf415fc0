// The three calls of workflow.v1.WorkflowService: parse, convert, verb, convert, as the REST handlers do. Credentials and errors are handler.ts.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import { cancelExecution } from "../../../domain/execution/cancel-execution.ts";
import { executeWorkflow } from "../../../domain/execution/execute-workflow.ts";
import { readExecution } from "../../../domain/execution/read-execution.ts";
import { waitForExecution } from "../../../domain/execution/wait-for-execution.ts";
import { sameRequest } from "../../../domain/idempotency/same-request.ts";
import type { ExecutionView } from "../../../domain/ports.ts";
import { HOP_HEADER, hopsOf } from "../../../lib/egress.ts";
import { checkIdempotencyKey } from "../../shared/idempotency-key.ts";
import { parse } from "../../shared/parse.ts";
import { executeRequestOf, executionOf, startedOf } from "../convert.ts";
import { executeBody, WAIT_SECONDS } from "../schema.ts";
import { contextOf } from "./caller.ts";
import type {
  GetExecutionStatusResponseSchema,
  NodeStateSchema,
  WorkflowService,
} from "./gen/workflow/v1/workflow_pb.ts";
import { fromStruct, toStruct, toValue } from "./struct.ts";

type Status = MessageInitShape<typeof GetExecutionStatusResponseSchema>;
type NodeState = MessageInitShape<typeof NodeStateSchema>;

const timestamp = (instant: string) => timestampFromMs(Date.parse(instant));
const timestampOrNothing = (instant: string | null) => (instant === null ? undefined : timestamp(instant));

const nodeStatesOf = (states: ReturnType<typeof executionOf>["node_states"]): Record<string, NodeState> =>
  Object.fromEntries(
    Object.entries(states).map(([id, state]) => [
      id,
      {
        nodeId: state.node_id,
        status: state.status,
        startedAt: timestamp(state.started_at),
        completedAt: timestampOrNothing(state.completed_at),
        inputData: toValue(state.input_data),
        outputData: toValue(state.output_data),
        logs: state.logs,
        error: state.error ?? undefined,
        visits: state.visits,
        attempts: state.attempts,
      },
    ]),
  );

const statusOf = (view: ExecutionView, include: { logs: boolean; metrics: boolean }): Status => {
  const shown = executionOf(view, include);
  return {
    executionId: shown.execution_id,
    workflowId: shown.workflow_id,
    status: shown.status,
    startTime: timestamp(shown.start_time),
    endTime: timestampOrNothing(shown.end_time),
    executionTimeSeconds: shown.execution_time_seconds ?? undefined,
    executionPath: shown.execution_path,
    nodeStates: nodeStatesOf(shown.node_states),
    finalVariables: toStruct(shown.final_variables),
    finalOutput: toValue(shown.final_output),
    errorMessage: shown.error_message ?? undefined,
    errorNodeId: shown.error_node_id ?? undefined,
    metrics: shown.metrics && toStruct(shown.metrics),
  };
};

export const workflowCalls: ServiceImpl<typeof WorkflowService> = {
  async executeWorkflow(request, call) {
    const context = contextOf(call);
    const body = parse(executeBody, {
      variables: fromStruct("variables", request.variables),
      metadata: fromStruct("metadata", request.metadata),
      wait: request.wait,
      ...(request.contactId && { contact_id: request.contactId }),
      ...(request.timeoutSeconds !== undefined && { timeout_seconds: request.timeoutSeconds }),
    });
    const asked = executeRequestOf(body);
    const key = checkIdempotencyKey(request.idempotencyKey || undefined, "idempotency_key");
    const depth = hopsOf(call.requestHeader.get(HOP_HEADER) ?? undefined);
    const claim = { of: ["execute", request.workflowId], key: key.idempotencyKey, asked };
    const started = await sameRequest(context, claim, () =>
      executeWorkflow(context, request.workflowId, { ...asked, ...key, depth }),
    );
    const shown = startedOf(started);
    const answer = {
      executionId: shown.execution_id,
      workflowId: shown.workflow_id,
      status: shown.status,
      startTime: timestamp(shown.start_time),
      executionPath: shown.execution_path,
    };
    if (!body.wait) return answer;
    const view = await waitForExecution(context, started, (body.timeout_seconds ?? WAIT_SECONDS) * 1000);
    const execution = statusOf(view, { logs: true, metrics: false });
    return { ...answer, status: execution.status!, executionPath: execution.executionPath!, execution };
  },

  async getExecutionStatus(request, call) {
    const view = await readExecution(contextOf(call), request.executionId);
    return statusOf(view, { logs: request.includeLogs ?? true, metrics: request.includeMetrics });
  },

  async cancelExecution(request, call) {
    const { executionId, cancelledAt } = await cancelExecution(contextOf(call), request.executionId);
    return { executionId, status: "cancelled", cancelledAt: timestampFromMs(cancelledAt) };
  },
};
