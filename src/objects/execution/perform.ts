// Performing effects: one attempt each, bounded in number and time. Knows nothing of the journal; the Execution object writes that before and after.

import type { ActionResult } from "../../actions/action.ts";
import { actions } from "../../actions/index.ts";
import type { ActionPorts } from "../../domain/action-ports.ts";
import type { Effect } from "../../engine/contract.ts";
import type { RunRecord } from "../../engine/state.ts";
import { own } from "../../lib/json.ts";

/** Open connections a Worker may have at once; see Cloudflare's "Workers limits", simultaneous connections. */
export const MAX_IN_FLIGHT = 6;

export type Perform = Extract<Effect, { type: "perform" }>;

/** Never throws: an action that does is a bug of ours, told as a failed step with its message. */
export const performAttempt = async (
  effect: Perform,
  run: RunRecord,
  eventDepth: number,
  ports: ActionPorts,
  abort: AbortSignal,
): Promise<ActionResult> => {
  const action = actions.get(effect.action);
  if (!action) {
    return {
      outcome: "failed",
      error: { code: "UNKNOWN_ACTION", message: `There is no action '${effect.action}'`, retryable: false },
    };
  }
  const contactId = own(run.contact, "id");
  const timeout = AbortSignal.timeout(Math.min(effect.timeoutMs ?? action.timeoutMs, MAX_TIMEOUT_MS));
  const request = {
    key: `${run.executionId}:${effect.key}`,
    attempt: effect.attempt,
    executionId: run.executionId,
    organizationId: run.organizationId,
    workflowId: run.workflowId,
    ...(typeof contactId === "string" ? { contactId } : {}),
    ...(run.event.conversationId ? { conversationId: run.event.conversationId } : {}),
    eventDepth,
    input: effect.input,
    signal: AbortSignal.any([abort, timeout]),
    dryRun: false as const,
  };
  try {
    return effect.mode === "reconcile" && action.reconcile
      ? await action.reconcile(ports, request)
      : await action.run(ports, request);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(JSON.stringify({ at: "perform", action: effect.action, key: request.key, message }));
    return {
      outcome: "failed",
      error: { code: "ACTION_FAULT", message: `The action could not be carried out: ${message}`, retryable: true },
    };
  }
};

/** AbortSignal.timeout takes no more than this. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
