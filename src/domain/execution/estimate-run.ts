// How long an execution of a workflow will take, in ms: half of its executions of the last 30 days took no longer; where there are none, what its
// nodes take.
import { isJsonObject } from "../../lib/json.ts";
import { nodeTypes } from "../../nodes/index.ts";
import { nodeTimesOf, runTimesOf } from "../analytics/node-times.ts";
import type { Context } from "../context.ts";
import { runLimitsOf } from "../queue/limits.ts";
import { openWorkflow, openWorkflowHead } from "../workflow/access.ts";
import { estimatePerformance } from "../workflow/enhanced/estimate-performance.ts";

/** `workMs`: without what it waits, which is how long it has its slot; absent where executions were measured and the workflow has no limit. */
export const estimateRun = async (
  context: Context,
  workflowId: string,
): Promise<{ estimateMs: number; workMs?: number }> => {
  const { maxConcurrency, queue } = await openWorkflowHead(context, workflowId, "execute");
  const measured = await runTimesOf(context, workflowId);
  if (measured) {
    const estimateMs = Math.round(measured.p50Ms);
    if (!runLimitsOf(maxConcurrency, queue ?? null)) return { estimateMs };
    const times = [...(await nodeTimesOf(context, { workflowId })).values()];
    const workMs = times.reduce((sum, { runs, meanMs }) => sum + runs * meanMs, 0) / measured.runs;
    return { estimateMs, workMs: Math.round(workMs) };
  }
  const { definition } = await openWorkflow(context, workflowId, "execute");
  const { criticalPath, nodes } = estimatePerformance(definition, await nodeTimesOf(context), undefined);
  const times = new Map(nodes.map(({ nodeId, estimatedMs }) => [nodeId, estimatedMs]));
  const sumOf = (ids: string[]) => Math.round(ids.reduce((sum, id) => sum + times.get(id)!, 0));
  const isWork = (id: string) => {
    const { type, config } = definition.nodes[id]!;
    return !nodeTypes.get(type)?.waits?.(isJsonObject(config) ? config : {});
  };
  return { estimateMs: sumOf(criticalPath), workMs: sumOf(criticalPath.filter(isWork)) };
};
