// Whether a run is what its journal makes of it (I5): `step` is folded over the inputs once more, and every record compared with what is stored.
import type { Program } from "../../engine/program.ts";
import { type Delta, deltaRows, newState, type RunState } from "../../engine/state.ts";
import { canonicalJson, type Json } from "../../lib/json.ts";
import type { RunHistory } from "../ports.ts";
import { traceJournal } from "./trace.ts";

/** A record that differs; null where there is none. Keys are those of engine/state.ts: `run`, `v:<variable>`, `n:<visit>`, … */
export type StateDifference = { key: string; stored: Json; folded: Json };

export type Replayed = {
  /** Null: it cannot be told, and `reason` says why. */
  equal: boolean | null;
  reason: string | null;
  /** Of the last input that was folded. */
  seq: number;
  /** Inputs that were folded. */
  steps: number;
  /** The first MAX_DIFFERENCES. */
  differences: StateDifference[];
  /** Real time of the fold, in ms. */
  durationMs: number;
};

const MAX_DIFFERENCES = 50;

const recordsOf = (rows: Iterable<readonly [string, string]>): Map<string, Json> =>
  new Map([...rows].map(([key, value]) => [key, JSON.parse(value) as Json]));

const recordsOfState = (state: RunState): Map<string, Json> =>
  recordsOf(deltaRows(state as Delta).flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])));

export const replay = async (
  program: Program,
  { journal, rows, seq: stored }: Pick<RunHistory, "journal" | "rows" | "seq">,
  now: () => number,
): Promise<Replayed> => {
  const begun = now();
  const { entries, state, cut } = journal.length === 0 ? nothing : await traceJournal(program, journal, { now });
  const steps = entries.length;
  const told = { seq: steps, steps, durationMs: Math.max(0, now() - begun) };
  const reason = cut ?? (steps < stored ? `The journal ends at input ${steps} of ${stored}` : null);
  if (reason !== null) return { ...told, equal: null, reason, differences: [] };
  const differences = differencesOf(recordsOf(rows.map(({ key, value }) => [key, value])), recordsOfState(state));
  return { ...told, equal: differences.length === 0, reason: null, differences: differences.slice(0, MAX_DIFFERENCES) };
};

const nothing = { entries: [], state: newState(), cut: null };

const differencesOf = (stored: Map<string, Json>, folded: Map<string, Json>): StateDifference[] =>
  [...new Set([...stored.keys(), ...folded.keys()])].sort().flatMap((key) => {
    const one = { key, stored: stored.get(key) ?? null, folded: folded.get(key) ?? null };
    const same = stored.has(key) === folded.has(key) && canonicalJson(one.stored) === canonicalJson(one.folded);
    return same ? [] : [one];
  });
