// The limits as the database has them, for whoever keeps a copy: the organisation's dispatcher, and a run that starts long after it was accepted.
import { readLimits } from "../../db/queries/queue.ts";
import type { Database } from "../ports.ts";
import { type QueueLimits, queueLimitsOf, type RunLimits } from "./limits.ts";

export const limitsNow = async (
  db: Database,
  organizationId: string,
  workflowIds: readonly string[],
): Promise<{ limits: QueueLimits; workflows: Map<string, number | null> }> => {
  const { queue, workflows } = await readLimits(db, organizationId, workflowIds);
  return { limits: queueLimitsOf(queue), workflows };
};

/** Undefined when nothing bounds its runs. */
export const limitsOfWorkflow = async (
  db: Database,
  organizationId: string,
  workflowId: string,
): Promise<RunLimits | undefined> => {
  const { limits, workflows } = await limitsNow(db, organizationId, [workflowId]);
  const workflow = workflows.get(workflowId) ?? null;
  if (workflow === null && limits.maxConcurrency === null) return undefined;
  return { workflow, organization: limits.maxConcurrency, maxQueued: limits.maxQueued };
};
