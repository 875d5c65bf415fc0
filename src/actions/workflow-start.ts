// workflow.start: a run of another workflow, or of the same. The child's id derives from the step key, so repeating starts nothing twice.
import { z } from "zod";
import type { ChildRun } from "../domain/action-ports.ts";
import { isFinal } from "../engine/contract.ts";
import type { JsonObject } from "../lib/json.ts";
import { type ActionResult, defineAction, failed, resultOf, stepOf } from "./action.ts";

/** Runs that start runs, and events that cause events, end here (CONTRACT "Marketing"). */
export const MAX_WORKFLOW_DEPTH = 10;

/** What a waiting parent gets of its child: nothing yet, its output, or its failure. */
export const childResult = (child: ChildRun): ActionResult => {
  const { executionId, status, output, error } = child;
  if (!isFinal(status)) return { outcome: "pending" };
  if (status === "completed") return { outcome: "ok", output: { execution_id: executionId, status, output } };
  const why = error ? `: ${error.message}` : "";
  return failed("SUBWORKFLOW_FAILED", `The sub-workflow ended as ${status}${why}`, {
    details: { execution_id: executionId, status, error },
  });
};

/** Output `{execution_id, status}`, and the child's `output` when it was waited for. */
export const workflowStart = defineAction({
  name: "workflow.start",
  schema: z.strictObject({
    workflow_id: z.string().min(1),
    variables: z.record(z.string(), z.json()) as z.ZodType<JsonObject>,
    wait: z.boolean(),
  }),
  run: async (ports, request) => {
    const { workflow_id: workflowId, variables, wait } = request.input;
    if (request.eventDepth >= MAX_WORKFLOW_DEPTH)
      return failed("DEPTH_EXCEEDED", `Workflows started each other ${MAX_WORKFLOW_DEPTH} deep; the chain ends here`);
    const { contactId } = request;
    const child = { workflowId, variables, wait, ...(contactId === undefined ? {} : { contactId }) };
    const started = await ports.workflows.startChild(stepOf(request), child);
    if (wait && started.outcome === "ok") return childResult(started.value);
    return resultOf(started, ({ executionId, status }) => ({ output: { execution_id: executionId, status } }));
  },
  mock: ({ workflow_id, wait }) => ({
    output: {
      execution_id: null,
      status: wait ? "completed" : "running",
      ...(wait && { output: null }),
      mocked: true,
    },
    log: `Mocked: would start the workflow ${workflow_id}`,
  }),
});
