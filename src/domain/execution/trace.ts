// A journal told as a story: `step` is folded over it once more, and each input says what it did. Pure but for the pauses that let others run.
import type { Effect, Input, RunStatus } from "../../engine/contract.ts";
import type { Program } from "../../engine/program.ts";
import { applyDelta, type Delta, newState, type RunState, type VisitRecord } from "../../engine/state.ts";
import { step } from "../../engine/step.ts";
import { pause } from "../../lib/pause.ts";

export type JournalEntry = { seq: number; at: number; input: Input };

export type VisitRef = { n: number; nodeId: string; visit: number };

/** What one input did. Visits by their number in the run. */
export type TraceEntry = JournalEntry & {
  /** It no longer applied, and changed nothing. */
  ignored: boolean;
  begun: VisitRef[];
  ended: (VisitRef & Pick<VisitRecord, "status" | "port" | "error">)[];
  /** Visits that began to wait, for time, an event or their next attempt. */
  waiting: VisitRef[];
  logs: (VisitRef & { line: string })[];
  effects: Effect[];
  /** Names of variables that it wrote. */
  variables: string[];
  status: RunStatus;
};

export type Trace = {
  entries: TraceEntry[];
  /** After the last input that was folded. */
  state: RunState;
  /** Why it ends before the journal does; null when it does not. */
  cut: string | null;
};

/** The time that one fold may take, in ms, and inputs between two looks at the clock. */
const MAX_REAL_MS = 15_000;
const AT_ONCE = 100;

const ended = ({ status }: VisitRecord): boolean =>
  status === "completed" || status === "failed" || status === "cancelled";

/** `until`: the last sequence number to fold; all of them when absent. */
export const traceJournal = async (
  program: Program,
  journal: readonly JournalEntry[],
  { now, until = Number.POSITIVE_INFINITY }: { now: () => number; until?: number },
): Promise<Trace> => {
  const state = newState();
  const entries: TraceEntry[] = [];
  const begun = now();
  for (const entry of journal) {
    if (entry.seq > until) break;
    if (entry.seq !== entries.length + 1) return { entries, state, cut: `Input ${entries.length + 1} is missing` };
    if (entries.length > 0 && entries.length % AT_ONCE === 0) {
      await pause(0);
      if (now() - begun > MAX_REAL_MS) return { entries, state, cut: `It took longer than ${MAX_REAL_MS / 1000} s` };
    }
    const { delta, effects, ignored } = step(program, state, entry.input);
    const told = { ...entry, ignored, ...changesOf(state, delta), effects };
    applyDelta(state, delta);
    entries.push({ ...told, status: state.run?.status ?? "running" });
  }
  return { entries, state, cut: null };
};

const refOf = ({ n, node, ordinal }: VisitRecord): VisitRef => ({ n, nodeId: node, visit: ordinal });

const changesOf = (
  before: RunState,
  delta: Delta,
): Pick<TraceEntry, "begun" | "ended" | "waiting" | "logs" | "variables"> => {
  const visits = [...delta.visits.values()]
    .filter((visit): visit is VisitRecord => visit !== undefined && !visit.takenOver)
    .sort((a, b) => a.n - b.n);
  const known = (visit: VisitRecord) => before.visits.get(visit.n);
  return {
    begun: visits.filter((visit) => !known(visit)).map(refOf),
    ended: visits
      .filter((visit) => ended(visit) && !(known(visit) && ended(known(visit)!)))
      .map((visit) => ({ ...refOf(visit), status: visit.status, port: visit.port, error: visit.error })),
    waiting: visits.filter((visit) => visit.status === "waiting" && known(visit)?.status !== "waiting").map(refOf),
    logs: visits.flatMap((visit) =>
      visit.logs.slice(known(visit)?.logs.length ?? 0).map((line) => ({ ...refOf(visit), line })),
    ),
    variables: [...delta.variables.keys()],
  };
};
