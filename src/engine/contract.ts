// The words that node types, trigger types, stores and shells share with the engine: definitions, descriptors, outcomes, inputs, effects.
// Types only; what happens with them is in compile.ts and step.ts.
import type { ZodType } from "zod";
import type { Json, JsonObject } from "../lib/json.ts";
import type { ConditionTree } from "./expression/condition.ts";
import type { Lookup } from "./expression/template.ts";

// ── Definition: a graph as its author wrote it. PERSISTED CONTRACT (workflow_versions.definition) ──

export type NodeDefinition = {
  type: string;
  label?: string;
  position?: { x: number; y: number };
  config: JsonObject;
};

export type EdgeDefinition = {
  id: string;
  from: string;
  fromPort: string;
  to: string;
  toPort: string;
};

export type Definition = {
  nodes: Record<string, NodeDefinition>;
  edges: EdgeDefinition[];
  /** Variables a run starts with; the caller's own win over them. */
  variables: JsonObject;
  settings?: DefinitionSettings;
};

export type DefinitionSettings = {
  /** The whole run ends as `timed_out` after so many seconds; absent means never. */
  timeoutSeconds?: number;
  /** Nodes of which it is counted how often contacts enter them. */
  counted?: string[];
  /** Runs that one contact may have: so many in all (0: any number), so many ms apart. */
  perContact?: { maxExecutions: number; delayMs: number };
  /** Nothing starts outside; epoch ms, null is open. */
  window?: { startAt: number | null; endAt: number | null };
  /** Of trigger nodes: of all that an event starts, the higher starts first; 0 when absent. */
  priorities?: { [nodeId: string]: number };
  /** Names of variables whose values are shown to nobody. */
  secrets?: string[];
  /** Runs of the workflow that go on at the same time; absent: any number. */
  maxConcurrency?: number;
  /** Of actions whose config names no retry, before the type's own. */
  retry?: { maxAttempts: number; backoffMs: number };
  /** The workflow that a failed run starts. */
  errorWorkflowId?: string;
  /** When none of its messages leaves, `HH:MM` each; on the recipient's clock where no zone (IANA) is named. */
  quietHours?: { start: string; end: string; timezone?: string };
};

// ── Findings: what compile has to say of a definition ──

export type Finding = {
  severity: "error" | "warning";
  code: string;
  message: string;
  /** The node it is about; absent for the graph as a whole. */
  nodeId?: string;
  edgeId?: string;
  /** Dotted path inside the definition, e.g. `nodes.n1.config.conditions.0.operator`. */
  path: string;
};

/** The port by which a loop node starts a round. A branch that comes back to the loop node ends there. */
export const BODY_PORT = "body";
/** Connected, it takes a node's failure whatever `on_error` says. */
export const ERROR_PORT = "error";

// ── Node types ──

export type NodeKind = "trigger" | "condition" | "action" | "data" | "loop" | "flow";

/** Optional in the config of every node; the engine reads these, a node type never sees them. */
export type NodePolicy = {
  retry: { maxAttempts: number; backoffMs: number; multiplier: number };
  /** The retry is the type's own, not the config's. */
  isOwnRetry?: boolean;
  timeoutMs: number | undefined;
  onError: "fail" | "continue" | "error";
};

export type Ports = {
  inputs: readonly string[];
  outputs: readonly string[];
  /** True when any further name may be connected as an output (flow_parallel). */
  anyOutput?: boolean;
};

/**
 * A node type: one file in nodes/, one line in its catalogue. Everything is pure. `Config` is the config after templates were rendered;
 * `schema` judges the config as written, so fields that may hold a template use `templated(…)` from nodes/config.ts.
 */
export type NodeType<Config = JsonObject> = {
  type: string;
  kind: NodeKind;
  title: string;
  description: string;
  schema: ZodType;
  /** Top-level config fields that reach `enter` as written, unrendered (conditions, code). */
  raw?: readonly string[];
  /** Top-level fields that are HTML, in a config that was rendered: what comes from outside is escaped in them. */
  html?: (config: JsonObject) => readonly string[];
  ports: (config: JsonObject) => Ports;
  /** Names that the conditions in a loop's body may read beside the common ones; from the config as written. */
  locals?: (written: JsonObject) => readonly string[];
  /** Findings beyond the shape (bad cron, bad pattern); paths are relative to the config. */
  check?: (
    config: JsonObject,
    scope: CheckScope,
  ) => { path: string; message: string; severity?: "error" | "warning"; code?: string }[];
  /** URLs that a visit calls, as written, with their paths in the config: judged when the definition is published, and again at the call. */
  urls?: (config: JsonObject) => { path: string; url: string }[];
  /** True when a visit can end without running on at once, so that a loop through it does not spin. */
  waits?: (config: JsonObject) => boolean;
  /** Longest a visit can take by itself, in ms, for the worst-case duration. Infinity for no bound. */
  longestMs?: (config: JsonObject) => number;
  /** Retry used when the config names none. */
  defaultRetry?: NodePolicy["retry"];
  /** What to do with a performed effect whose outcome nobody knows. Default "retry" (same key). */
  onUnknown?: "retry" | "reconcile";
  /** Waits for all branches that are still alive before it is entered, once, with their outputs by node id. */
  joins?: boolean;
  /** Ends a branch on purpose, so that it needs no outgoing connection. */
  ends?: boolean;
  /** Ends the innermost loop around it. */
  breaks?: boolean;
  /** It writes to a person: by any channel that they chat on, or by e-mail only. */
  writes?: "chat" | "email";
  /** It changes what is known of the run's contact. */
  changesContact?: boolean;
  /** A trigger for people: where a manual run starts when there is one. */
  byHand?: boolean;
  enter: (visit: Visit<Config>) => Outcome;
  /** Called when what the node waited for has come. Needed by nodes that perform, wait or iterate. */
  resume?: (visit: Visit<Config>, signal: Signal) => Outcome;
};

/** `written`: the config before its schema made a normal form of it. `locals`: those of all the definition's loops. */
export type CheckScope = { written: JsonObject; locals: ReadonlySet<string> };

export type Visit<Config = JsonObject> = {
  nodeId: string;
  config: Config;
  /** Output of the node before; for a merge, outputs by node id; for a start, the event's data. */
  input: Json;
  lookup: Lookup;
  /** Epoch ms of the input being stepped. */
  now: number;
  /** Evaluates a condition tree against the run, with `locals` before everything else. */
  evaluate: (tree: ConditionTree, locals?: JsonObject) => boolean;
  /** Renders any JSON with templates; for fields listed in `raw`. */
  render: (value: Json, locals?: JsonObject) => Json;
  /** What this visit remembered (see Outcome.memo). */
  memo: Json | undefined;
  /** Loops: rounds finished so far. */
  round: number;
  /** Data about the run itself. */
  run: {
    executionId: string;
    organizationId: string;
    workflowId: string;
    dryRun: boolean;
    /** Of flags.ts: questions own the reply. */
    ownsReplies: boolean;
    /** Of flags.ts: answers are read in any script's digits. */
    readsAnyDigits: boolean;
  };
  /** Ports of this node that are connected, in the order of the edges. */
  connected: readonly string[];
};

export type StepError = {
  code: string;
  message: string;
  retryable?: boolean;
  retryAfterMs?: number;
  /** It may have had its effect all the same (no answer in time): tried again at least once, with the same key. */
  uncertain?: boolean;
  details?: Json;
};

/** What a node wants next. `logs` are lines for people; `set` writes run variables. */
export type Outcome = { logs?: string[]; set?: JsonObject } & (
  | { kind: "next"; port: string; output: Json }
  | { kind: "fork"; ports: readonly string[]; output: Json }
  | { kind: "perform"; action: string; input: JsonObject; memo?: Json; timeoutMs?: number }
  | { kind: "wait"; until?: number; event?: EventWait; memo?: Json }
  | { kind: "iterate"; locals: JsonObject; memo?: Json }
  | { kind: "break" }
  | { kind: "end"; output: Json }
  | { kind: "fail"; error: StepError }
);

/**
 * `reply`: it waits for what the run's contact says next, which belongs to one wait only; `asked`: the shell knows it since the question was
 * performed (`reply_within_ms`).
 */
export type EventWait = { eventType: string; filters?: ConditionTree; reply?: { asked: boolean } };

export type Signal =
  | { kind: "result"; output: Json; logs?: string[] }
  | { kind: "time" }
  | { kind: "event"; event: RunEvent }
  | { kind: "round" }
  | { kind: "broken" };

// ── The event that started a run, or woke it: what templates read as `event`. PERSISTED CONTRACT ──

export type RunEvent = {
  id: string;
  type: string;
  source: string;
  data: JsonObject;
  /** Of a webhook's call; names in lower case. */
  headers?: { [name: string]: string };
  occurredAt: number;
  contact?: JsonObject;
  conversationId?: string;
};

// ── Inputs: the journal. PERSISTED CONTRACT (journal.input) ──

export type StartInput = {
  type: "start";
  at: number;
  /** Engine flags fixed for the life of the run (engine/flags.ts). */
  flags: number;
  executionId: string;
  organizationId: string;
  workflowId: string;
  versionId: string;
  /** Node ids to start at; empty: trigger nodes, else nodes without incoming edges. */
  startNodes: string[];
  event: RunEvent;
  variables: JsonObject;
  metadata: JsonObject;
  username?: string;
  dryRun: boolean;
  /** Accepted, and not begun: it waits for an input `begin`. `startAt`: epoch ms before which none comes; null: as soon as there is room. */
  queued?: { startAt: number | null };
  /** A test: it does not wait for times. */
  leaps?: true;
  /** What an earlier run got to, as a Seed (state.ts); this one goes on there. */
  seed?: JsonObject;
};

/** `service`: who was called, a host or a provider, where somebody was. */
export type EffectResult =
  /** `contact`: the contact as it is now, when the action changed it; templates read it from then on. */
  | { outcome: "ok"; output: Json; logs?: string[]; contact?: JsonObject; service?: string }
  | { outcome: "failed"; error: StepError; logs?: string[]; service?: string }
  /** The request may or may not have had its effect. `restarted`: not for want of an answer, but because we stopped in the middle. */
  | { outcome: "unknown"; reason: string; restarted?: true }
  /** Reconciling found that it surely had none; it may run again. */
  | { outcome: "absent" }
  /** It may not go yet, and had no effect: to be tried again at `until` (epoch ms), as often as it takes; no retry is used up. */
  | { outcome: "deferred"; until: number; reason: string };

export type Input =
  | StartInput
  | { type: "begin"; at: number }
  | { type: "continue"; at: number }
  | { type: "result"; at: number; key: string; attempt: number; result: EffectResult }
  | { type: "time"; at: number }
  | { type: "listening"; at: number; key: string }
  | { type: "event"; at: number; key: string; event: RunEvent }
  | { type: "cancel"; at: number; reason: string };

// ── Effects: what the shell must do after a commit ──

/** `key` is `node:visit`; the shell puts the execution id in front. The same on every attempt. */
export type Effect =
  | {
      type: "perform";
      key: string;
      nodeId: string;
      attempt: number;
      mode: "run" | "reconcile";
      action: string;
      input: JsonObject;
      timeoutMs: number | undefined;
    }
  | { type: "abort"; key: string }
  | { type: "listen"; key: string; wait: EventWait; since: number }
  | { type: "unlisten"; key: string }
  | { type: "continue" }
  | { type: "finished"; status: FinalStatus };

export type FinalStatus = "completed" | "failed" | "cancelled" | "timed_out";
export type RunStatus = "queued" | "running" | "waiting" | FinalStatus;

export const isFinal = (status: string): status is FinalStatus =>
  status === "completed" || status === "failed" || status === "cancelled" || status === "timed_out";
