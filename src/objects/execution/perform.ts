// Performing effects: one attempt each, bounded in number and time. Knows nothing of the journal; the Execution object writes that before and after.

import type { ActionResult } from "../../actions/action.ts";
import { actions } from "../../actions/index.ts";
import type { ActionPorts, StepRef } from "../../domain/action-ports.ts";
import { openSecrets } from "../../domain/variable/open-secrets.ts";
import type { Effect } from "../../engine/contract.ts";
import type { RunRecord } from "../../engine/state.ts";
import { own } from "../../lib/json.ts";

/** Open connections a Worker may have at once; see Cloudflare's "Workers limits", simultaneous connections. */
export const MAX_IN_FLIGHT = 6;

export type Perform = Extract<Effect, { type: "perform" }>;

type About = Pick<StepRef, "startedAt" | "eventDepth" | "lent" | "cleared" | "heard" | "quietHours">;

/** Never throws. A port that does has failed in the middle of its work, and whether that had its effect nobody knows. */
export const performAttempt = async (
  effect: Perform,
  run: RunRecord,
  { startedAt, eventDepth, lent, cleared, heard, quietHours }: About,
  portsOf: () => ActionPorts,
  abort: AbortSignal,
): Promise<ActionResult> => {
  // Whoever waits for it hears of its failure; who ends before does not.
  cleared?.catch(() => undefined);
  const action = actions.get(effect.action);
  if (!action) {
    return {
      outcome: "failed",
      error: { code: "UNKNOWN_ACTION", message: `There is no action '${effect.action}'`, retryable: false },
    };
  }
  if (run.dryRun && action.sideEffect) {
    const { output, log } = action.mock(effect.input);
    return { outcome: "ok", output, logs: [log] };
  }
  const contactId = own(run.contact, "id");
  const timer = new AbortController();
  const expire = () => timer.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
  const timeout = setTimeout(expire, Math.min(effect.timeoutMs ?? action.timeoutMs, MAX_TIMEOUT_MS));
  const request = {
    key: `${run.executionId}:${effect.key}`,
    attempt: effect.attempt,
    executionId: run.executionId,
    organizationId: run.organizationId,
    workflowId: run.workflowId,
    versionId: run.versionId,
    ...(typeof contactId === "string" ? { contactId } : {}),
    ...(run.event.conversationId ? { conversationId: run.event.conversationId } : {}),
    startedAt,
    eventDepth,
    ...(lent && { lent }),
    ...(cleared && { cleared }),
    ...(heard && { heard }),
    ...(quietHours && { quietHours }),
    signal: AbortSignal.any([abort, timer.signal]),
    dryRun: false as const,
  };
  let hide = <T>(value: T): T => value;
  try {
    const act = (effect.mode === "reconcile" && action.reconcile) || action.run;
    const ports = portsOf();
    const opened = await openSecrets(ports.secrets, request, action.name, effect.input);
    if (opened.kind === "refused")
      return { outcome: "failed", error: { code: opened.code, message: opened.message, retryable: false } };
    hide = opened.hide;
    const result = await act(ports, { ...request, input: opened.input });
    return fitted(hide(result));
  } catch (error) {
    const message = hide(error instanceof Error ? error.message : String(error));
    console.error(JSON.stringify({ at: "perform", action: effect.action, key: request.key, message }));
    return { outcome: "unknown", reason: `the engine failed during the attempt: ${message}`, restarted: true };
  } finally {
    // Left to fire, it would keep the object in memory until then, with its files open.
    clearTimeout(timeout);
  }
};

/** JSON text of one result, in characters. It becomes a row of the journal: 2 MB in production, and a character may take three bytes. */
const MAX_RESULT_CHARS = 600_000;

/** The work is done, so what does not fit must not be taken for unknown and done again. */
const fitted = (result: ActionResult): ActionResult => {
  if (JSON.stringify(result).length <= MAX_RESULT_CHARS) return result;
  if (result.outcome === "failed") {
    const { details: _, ...error } = result.error;
    return { outcome: "failed", error: { ...error, message: error.message.slice(0, 1_000) } };
  }
  const message = `The answer is larger than ${MAX_RESULT_CHARS} characters`;
  return { outcome: "failed", error: { code: "OUTPUT_TOO_LARGE", message, retryable: false } };
};

/** A timer takes no more than this. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
