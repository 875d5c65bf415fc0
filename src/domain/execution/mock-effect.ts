// What an effect of a simulated run comes to: an action with side effects is answered by its own mock, never performed; one without (users' code)
// runs. Where requests may really leave, they do; messages to people never.
import { actions } from "../../actions/index.ts";
import type { EffectResult, StartInput } from "../../engine/contract.ts";
import { isJsonObject, type Json } from "../../lib/json.ts";
import type { ActionPorts } from "../action-ports.ts";
import { openSecrets } from "../variable/open-secrets.ts";
import type { PerformEffect } from "./simulate.ts";

/** The action that sends a request. */
export const REQUEST = "http.request";

type Run = Pick<StartInput, "executionId" | "organizationId" | "workflowId" | "versionId"> & { startedAt: number };

/** `mocked`: it was not performed. */
export const mockEffect = async (
  effect: PerformEffect,
  { executionId, organizationId, workflowId, versionId, startedAt }: Run,
  { code, http, secrets }: Pick<ActionPorts, "code"> & Partial<Pick<ActionPorts, "http" | "secrets">>,
): Promise<{ result: EffectResult; mocked: boolean }> => {
  const action = actions.get(effect.action);
  if (!action) return { result: failed("UNKNOWN_ACTION", `Unknown action '${effect.action}'`), mocked: false };
  const isReal = http !== undefined && action.name === REQUEST;
  if (action.sideEffect && !isReal) {
    const input = action.schema.safeParse(effect.input);
    if (!input.success) {
      const issue = input.error.issues[0]!;
      const message = `${action.name}: ${issue.path.join(".") || "input"}: ${issue.message}`;
      return { result: failed("INVALID_INPUT", message), mocked: true };
    }
    const { output, log } = action.mock(effect.input);
    return { result: { outcome: "ok", output: markMocked(output), logs: [log] }, mocked: true };
  }
  const step = { organizationId, workflowId, key: `${executionId}:${effect.key}` };
  // Code that runs without consequences does without the values.
  const opened = isReal && secrets ? await openSecrets(secrets, step, action.name, effect.input) : undefined;
  if (opened?.kind === "refused") return { result: failed(opened.code, opened.message), mocked: false };
  const answer = await action.run(
    // An action without side effects, and a request, ask for nothing else.
    { code, ...(http && { http }) } as ActionPorts,
    {
      key: step.key,
      attempt: effect.attempt,
      executionId,
      organizationId,
      workflowId,
      versionId,
      startedAt,
      eventDepth: 0,
      input: opened?.input ?? effect.input,
      signal: AbortSignal.timeout(effect.timeoutMs ?? action.timeoutMs),
      dryRun: false,
    },
  );
  const result = opened ? opened.hide(answer) : answer;
  return {
    result: result.outcome === "pending" ? { outcome: "unknown", reason: "it did not end" } : result,
    mocked: false,
  };
};

const failed = (code: string, message: string): EffectResult => ({ outcome: "failed", error: { code, message } });

const markMocked = (output: Json): Json =>
  isJsonObject(output) ? { ...output, mocked: true } : { value: output, mocked: true };
