// The contract of actions: what a performed effect is. An action asks its ports for one thing and tells truly how that ended.
// Retry, time-out and on_error are the engine's, the world behind the ports is the objects'. An action never throws for what the world does.
import type { ZodType } from "zod";
import type { ActionPorts, Attempted, StepRef } from "../domain/action-ports.ts";
import type { EffectResult, StepError } from "../engine/contract.ts";
import type { Json, JsonObject } from "../lib/json.ts";

export type ActionRequest<Input = JsonObject> = {
  /** `execution:node:visit`: the same on every attempt. */
  key: string;
  /** 1 for the first. */
  attempt: number;
  executionId: string;
  organizationId: string;
  workflowId: string;
  /** The version that the run is pinned to. */
  versionId: string;
  /** The contact and conversation of the event that started the run. */
  contactId?: string;
  conversationId?: string;
  /** Epoch ms at which the node's visit began: the same on every attempt. */
  startedAt: number;
  eventDepth: number;
  /** As StepRef has it. */
  lent?: Readonly<Record<string, string>>;
  /** To be waited for right before anything leaves; when it fails nothing may leave. */
  cleared?: Promise<void>;
  /** When the contact has written last and where, as far as the run knows: later than the database, perhaps. */
  heard?: { conversationId: string; at: number };
  /** As StepRef has it. */
  quietHours?: { start: string; end: string; timezone?: string };
  /** What the node asked for; its shape is the action's own. */
  input: Input;
  /** Aborted at the attempt's time-out and when the run is cancelled. */
  signal: AbortSignal;
  /** A dry run never gets here with a side effect: `mock` answers it instead. */
  dryRun: false;
};

/** `pending`: it has begun, and its result will come by itself as an input for the same key (a waited child run). */
export type ActionResult = EffectResult | { outcome: "pending" };

export type Action = {
  /** `<thing>.<verb>`. PERSISTED CONTRACT: journals name it. */
  name: string;
  /** What `input` must be. PERSISTED CONTRACT: journals hold inputs of this shape. */
  schema: ZodType;
  /** Longest one attempt may take when the node names no time-out, in ms. */
  timeoutMs: number;
  /** False when running it changes nothing outside, so that a dry run runs it. */
  sideEffect: boolean;
  run(ports: ActionPorts, request: ActionRequest): Promise<ActionResult>;
  /** Finds out what became of an attempt whose outcome is unknown. Absent: it may run again with the same key. */
  reconcile?(ports: ActionPorts, request: ActionRequest): Promise<ActionResult>;
  /** What a dry run answers instead, and a line for its log. Pure. */
  mock(input: JsonObject): { output: Json; log: string };
};

const DEFAULT_TIMEOUT_MS = 15_000;

/** An action as its file writes it: with the type of its own input, and 15 s unless it says otherwise. */
type ActionDefinition<Input> = {
  name: string;
  schema: ZodType<Input>;
  timeoutMs?: number;
  sideEffect?: boolean;
  run(ports: ActionPorts, request: ActionRequest<Input>): Promise<ActionResult>;
  reconcile?(ports: ActionPorts, request: ActionRequest<Input>): Promise<ActionResult>;
  mock(input: Input): { output: Json; log: string };
};

/** Whatever a port does, an attempt ends with its signal; what it did until then nobody knows. */
const untilAborted = async (signal: AbortSignal, attempt: () => Promise<ActionResult>): Promise<ActionResult> => {
  const unknown: ActionResult = { outcome: "unknown", reason: "no answer within the time for it" };
  if (signal.aborted) return failed("TIMEOUT", "There was no time left to begin", { retryable: true });
  const { promise, resolve } = Promise.withResolvers<ActionResult>();
  const giveUp = () => resolve(unknown);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([attempt(), promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
};

/** Judges the input before the action sees it (a journal may be older than the code), and bounds the attempt. */
export const defineAction = <Input>(definition: ActionDefinition<Input>): Action => {
  const { name, schema, timeoutMs = DEFAULT_TIMEOUT_MS, sideEffect = true, reconcile } = definition;
  const judged =
    (act: ActionDefinition<Input>["run"]): Action["run"] =>
    async (ports, request) => {
      const input = schema.safeParse(request.input);
      if (input.success) return untilAborted(request.signal, () => act(ports, { ...request, input: input.data }));
      const issue = input.error.issues[0]!;
      return failed("INVALID_INPUT", `${name}: ${issue.path.join(".") || "input"}: ${issue.message}`);
    };
  return {
    name,
    schema,
    timeoutMs,
    sideEffect,
    run: judged(definition.run),
    ...(reconcile && { reconcile: judged(reconcile) }),
    mock: (input) => definition.mock(schema.parse(input)),
  };
};

export const failed = (
  code: string,
  message: string,
  more: Omit<StepError, "code" | "message"> = {},
): EffectResult => ({
  outcome: "failed",
  error: { code, message, ...more },
});

export const stepOf = (request: ActionRequest<unknown>): StepRef => ({
  key: request.key,
  executionId: request.executionId,
  organizationId: request.organizationId,
  workflowId: request.workflowId,
  versionId: request.versionId,
  startedAt: request.startedAt,
  eventDepth: request.eventDepth,
  ...(request.lent && { lent: request.lent }),
  ...(request.cleared && { cleared: request.cleared }),
  ...(request.heard && { heard: request.heard }),
  ...(request.quietHours && { quietHours: request.quietHours }),
  signal: request.signal,
});

/** A port's answer as an effect's result. */
export const resultOf = <T>(
  attempted: Attempted<T> | { outcome: "absent" },
  success: (value: T) => { output: Json; contact?: JsonObject; logs?: string[]; service?: string },
): EffectResult => {
  if (attempted.outcome === "ok") return { outcome: "ok", ...success(attempted.value) };
  if (attempted.outcome !== "refused") return attempted;
  const { outcome: _, code, message, service, ...more } = attempted;
  return { ...failed(code, message, more), ...(service !== undefined && { service }) };
};
