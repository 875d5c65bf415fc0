// What bounds the runs of the workflows of a batch of events, by what was read along with them.
import { type RunLimits, runLimitsOf } from "./limits.ts";

type Limited = { organizationId: string; workflowId: string; maxConcurrency?: number | null; queue?: string | null };

/** By `organization/workflow`; those that nothing bounds are absent. */
export const limitsOf = ({
  candidates,
  targets,
}: Record<"candidates" | "targets", readonly Limited[]>): ReadonlyMap<string, RunLimits> => {
  const limits = new Map<string, RunLimits>();
  for (const { organizationId, workflowId, maxConcurrency, queue } of [...candidates, ...targets]) {
    const own = runLimitsOf(maxConcurrency, queue ?? null);
    if (own) limits.set(`${organizationId}/${workflowId}`, own);
  }
  return limits;
};
