// The state of a run, as small records by key, so that a step reads and writes only what it touches. PERSISTED CONTRACT: each record is a row.
// Only step.ts makes changes (I1), as a Delta; applyDelta folds one into a state in place.
import type { Json, JsonObject } from "../lib/json.ts";
import type { EventWait, RunEvent, RunStatus } from "./contract.ts";

export type RunRecord = {
  status: RunStatus;
  flags: number;
  executionId: string;
  organizationId: string;
  workflowId: string;
  versionId: string;
  dryRun: boolean;
  username: string | null;
  metadata: JsonObject;
  event: RunEvent;
  contact: JsonObject | null;
  /** When it began; of a run that is queued, when it was accepted. */
  startedAt: number;
  endedAt: number | null;
  /** When it was accepted, where it did not begin at once, and the time before which it was not to begin (null: none). */
  queued?: { at: number; startAt: number | null };
  /** It does not wait for times. */
  leaps?: true;
  /** When the run ended that it goes on from, epoch ms; while it has not begun. */
  seededAt?: number;
  /** Epoch ms at which the whole run is timed out. */
  deadline: number | null;
  nextToken: number;
  nextVisit: number;
  nextFrame: number;
  /** Characters recorded so far (flag MEASURED). */
  chars?: number;
  error: { code: string; message: string; nodeId: string | null } | null;
  output: Json;
};

/** Where a branch of the run is. It is in exactly one phase; a branch that has ended has no token. */
export type Token = {
  id: number;
  node: string;
  frame: number;
  /** Visits whose outputs it brings. */
  from: number[];
  /** The visit it is in; 0 before it is entered. */
  visit: number;
  phase: "ready" | "performing" | "retrying" | "waiting" | "merging" | "looping";
  attempt: number;
  /** Attempts whose outcome stayed unknown. */
  unknowns: number;
  /** Attempts that were put off. */
  deferrals?: number;
  perform?: { action: string; input: JsonObject; mode: "run" | "reconcile"; timeoutMs?: number };
  /** Epoch ms: end of a wait or of a retry's back-off. */
  wakeAt?: number;
  /** Epoch ms: the node's own time-out. */
  deadline?: number;
  /** Since when the present phase lasts. */
  since: number;
  wait?: EventWait & { listening: boolean };
  memo?: Json;
};

export type VisitStatus = "running" | "waiting" | "completed" | "failed" | "cancelled";

export type VisitRecord = {
  n: number;
  node: string;
  /** 1 for the node's first visit in this run. */
  ordinal: number;
  token: number;
  from: number[];
  status: VisitStatus;
  startedAt: number;
  completedAt: number | null;
  output: Json;
  logs: string[];
  error: { code: string; message: string } | null;
  attempts: number;
  port: string | null;
  /** Milliseconds spent performing effects, and waiting for time or events. */
  effectMs: number;
  waitMs: number;
  /** Who was called last: a host or a provider. Absent: nobody. */
  service?: string;
  /** An earlier run made it, and this one took it over. */
  takenOver?: true;
};

/** A round of a loop: the branches of its body live in it. Frame 0 is the run itself. */
export type Frame = {
  id: number;
  parent: number | null;
  /** The loop's own token, waiting in the parent frame; 0 for the run. */
  token: number;
  node: string;
  round: number;
  /** Tokens in this frame. */
  live: number;
  locals: JsonObject;
};

export type NodeRecord = { count: number; last: number };

export type RunState = {
  run: RunRecord | null;
  variables: Map<string, Json>;
  tokens: Map<number, Token>;
  visits: Map<number, VisitRecord>;
  nodes: Map<string, NodeRecord>;
  frames: Map<number, Frame>;
};

/** Changed records; undefined means removed. */
export type Delta = {
  run?: RunRecord;
  variables: Map<string, Json | undefined>;
  tokens: Map<number, Token | undefined>;
  visits: Map<number, VisitRecord | undefined>;
  nodes: Map<string, NodeRecord | undefined>;
  frames: Map<number, Frame | undefined>;
};

/** Where a run goes on that takes over from an earlier one (seed.ts). PERSISTED CONTRACT: part of its first input. */
export type Seed = {
  /** When the earlier run ended, epoch ms: what was to be waited for from then on is. */
  at: number;
  variables: [name: string, value: Json][];
  tokens: Token[];
  visits: VisitRecord[];
  nodes: [id: string, record: NodeRecord][];
  frames: Frame[];
  contact: JsonObject | null;
  chars: number | null;
} & Pick<RunRecord, "nextToken" | "nextVisit" | "nextFrame">;

export const newState = (): RunState => ({
  run: null,
  variables: new Map(),
  tokens: new Map(),
  visits: new Map(),
  nodes: new Map(),
  frames: new Map(),
});

const fold = <K, V>(base: Map<K, V>, changes: Map<K, V | undefined>): void => {
  for (const [key, value] of changes) {
    if (value === undefined) base.delete(key);
    else base.set(key, value);
  }
};

/** Folds a delta into the state, in place: O(changes). */
export const applyDelta = (state: RunState, delta: Delta): void => {
  if (delta.run) state.run = delta.run;
  fold(state.variables, delta.variables);
  fold(state.tokens, delta.tokens);
  fold(state.visits, delta.visits);
  fold(state.nodes, delta.nodes);
  fold(state.frames, delta.frames);
};

// ── Rows ──

const SECTIONS = { v: "variables", t: "tokens", n: "visits", c: "nodes", f: "frames" } as const;

/**
 * A delta as rows: `run`, `v:<name>`, `t:<token>`, `n:<visit>`, `c:<node>`, `f:<frame>`; a null value removes the row. What a run began with
 * is not written again with each step: the first input of the journal has it, and it may be large.
 */
export const deltaRows = (delta: Delta): [key: string, value: string | null][] => {
  const rows: [string, string | null][] = [];
  if (delta.run) {
    const { event: _, metadata: __, ...run } = delta.run;
    rows.push(["run", JSON.stringify(run)]);
  }
  for (const [prefix, section] of Object.entries(SECTIONS)) {
    for (const [key, value] of delta[section]) {
      rows.push([`${prefix}:${key}`, value === undefined ? null : JSON.stringify(value)]);
    }
  }
  return rows;
};

/** The state that rows made by deltaRows hold, of a run that `began` so. */
export const stateOfRows = (
  rows: Iterable<{ key: string; value: string }>,
  began: Pick<RunRecord, "event" | "metadata">,
): RunState => {
  const state = newState();
  for (const { key, value } of rows) {
    const record = JSON.parse(value);
    if (key === "run") {
      state.run = { ...record, event: began.event, metadata: began.metadata };
      continue;
    }
    const section = SECTIONS[key[0] as keyof typeof SECTIONS];
    const name = key.slice(2);
    const map = state[section] as Map<string | number, unknown>;
    map.set(section === "variables" || section === "nodes" ? name : Number(name), record);
  }
  return state;
};

/** Whether the run has begun, or ended before it could. */
export const hasBegun = ({ run, visits }: RunState): boolean => {
  if (!run || run.status === "queued") return false;
  if (!run.queued || run.endedAt === null) return true;
  for (const { takenOver } of visits.values()) if (!takenOver) return true;
  return false;
};

/** Epoch ms at which the run wants a `time` input; null when nothing is due by itself. */
export const nextDue = (state: RunState): number | null => {
  if (state.run?.status === "queued") return state.run.queued?.startAt ?? null;
  let due = state.run?.deadline ?? Number.POSITIVE_INFINITY;
  for (const token of state.tokens.values()) {
    if (token.wakeAt !== undefined && token.wakeAt < due) due = token.wakeAt;
    if (token.deadline !== undefined && token.deadline < due) due = token.deadline;
  }
  return due === Number.POSITIVE_INFINITY || state.run?.endedAt != null ? null : due;
};
