// The first input of a run's journal, from what asked for the run.
import type { StartRequest } from "../../domain/ports.ts";
import type { StartInput } from "../../engine/contract.ts";
import { CURRENT_FLAGS } from "../../engine/flags.ts";

/** `isQueued`: it does not begin yet. */
export const startInput = (request: StartRequest, isQueued = false): StartInput => ({
  type: "start",
  at: Date.now(),
  flags: CURRENT_FLAGS,
  executionId: request.executionId,
  organizationId: request.organizationId,
  workflowId: request.workflowId,
  versionId: request.versionId,
  startNodes: request.startNodes,
  event: request.event,
  variables: request.variables,
  metadata: request.metadata,
  ...(request.username === undefined ? {} : { username: request.username }),
  dryRun: request.dryRun,
  ...(isQueued && { queued: { startAt: request.startAt ?? null } }),
  ...(request.leaps && { leaps: request.leaps }),
  ...(request.seed && { seed: request.seed }),
});
