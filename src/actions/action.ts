// The contract of actions: what a performed effect is. An action asks its ports for one thing and tells truly how that ended.
// Retry, time-out and on_error are the engine's, the world behind the ports is the objects'. An action never throws for what the world does.
import type { ActionPorts, Attempted, StepRef } from "../domain/action-ports.ts";
import type { EffectResult, StepError } from "../engine/contract.ts";
import type { Json, JsonObject } from "../lib/json.ts";

export type ActionRequest = {
  /** `execution:node:visit`: the same on every attempt. */
  key: string;
  /** 1 for the first. */
  attempt: number;
  executionId: string;
  organizationId: string;
  workflowId: string;
  /** The contact and conversation of the event that started the run. */
  contactId?: string;
  conversationId?: string;
  eventDepth: number;
  /** What the node asked for; its shape is the action's own. */
  input: JsonObject;
  /** Aborted at the attempt's time-out and when the run is cancelled. */
  signal: AbortSignal;
  /** A dry run never gets here: it is answered by `mock` (or, without a side effect, by `run`). */
  dryRun: false;
};

/** `pending`: it has begun, and its result will come by itself as an input for the same key (a waited child run). */
export type ActionResult = EffectResult | { outcome: "pending" };

export type Action = {
  /** `<thing>.<verb>`. PERSISTED CONTRACT: journals name it. */
  name: string;
  /** Longest one attempt may take when the node names no time-out. */
  timeoutMs: number;
  /** False when running it changes nothing outside, so that a dry run may run it. */
  sideEffect: boolean;
  run(ports: ActionPorts, request: ActionRequest): Promise<ActionResult>;
  /** Finds out what became of an attempt whose outcome is unknown. Absent: it may run again with the same key. */
  reconcile?(ports: ActionPorts, request: ActionRequest): Promise<ActionResult>;
  /** What a dry run answers instead, and a line for its log. Pure. */
  mock(input: JsonObject): { output: Json; log: string };
};

export const DEFAULT_TIMEOUT_MS = 15_000;

export const failed = (
  code: string,
  message: string,
  more: Omit<StepError, "code" | "message"> = {},
): EffectResult => ({
  outcome: "failed",
  error: { code, message, ...more },
});

export const stepOf = (request: ActionRequest): StepRef => ({
  key: request.key,
  executionId: request.executionId,
  organizationId: request.organizationId,
  workflowId: request.workflowId,
  eventDepth: request.eventDepth,
});

/** A port's answer as an effect's result. */
export const resultOf = <T>(
  attempted: Attempted<T> | { outcome: "absent" },
  success: (value: T) => { output: Json; contact?: JsonObject; logs?: string[] },
): EffectResult => {
  if (attempted.outcome === "ok") return { outcome: "ok", ...success(attempted.value) };
  if (attempted.outcome !== "refused") return attempted;
  const { outcome: _, code, message, ...more } = attempted;
  return failed(code, message, more);
};
