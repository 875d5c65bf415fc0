// How long an execution of a workflow will take, in ms: half of its executions of the last 30 days took no longer; where there are none, what its nodes take.
import { nodeTimesOf, runTimesOf } from "../analytics/node-times.ts";
import type { Context } from "../context.ts";
import { openWorkflow, openWorkflowHead } from "../workflow/access.ts";
import { estimatePerformance } from "../workflow/enhanced/estimate-performance.ts";

/** For who may execute it; throws `not_found`, `forbidden`. */
export const estimateRun = async (context: Context, workflowId: string): Promise<number> => {
  await openWorkflowHead(context, workflowId, "execute");
  const measured = await runTimesOf(context, workflowId);
  if (measured) return Math.round(measured.p50Ms);
  const { definition } = await openWorkflow(context, workflowId, "execute");
  const { estimatedDurationMs } = estimatePerformance(definition, await nodeTimesOf(context), undefined);
  return Math.round(estimatedDurationMs);
};
