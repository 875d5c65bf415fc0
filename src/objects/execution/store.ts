// The execution's own SQLite: one table of records by key. Owns that table and nothing else.
//   000000012              an input of the journal, by its sequence number
//   a:<step key>:<attempt> an attempt of an effect
//   meta                   what the shell must remember
//   run  v: t: n: c: f:    the engine's state (engine/state.ts), but for what the first input says
// Every run is a database of its own, so a table more is a page more and a statement more to prepare for each run: a step is one INSERT.
// Invariants: the journal has no gap; the state's records are the fold of the journal (I5); input, state and attempts of one step are written
// without an await between them, so they commit together (I2).

import type { RunRetry, StartRequest } from "../../domain/ports.ts";
import type { RunLimits } from "../../domain/queue/limits.ts";
import type { Input, StartInput } from "../../engine/contract.ts";
import { type RunState, stateOfRows } from "../../engine/state.ts";

/** PERSISTED CONTRACT: what the organisation's dispatcher knows of a limited run, since when (epoch ms). */
export type Slot = { limits: RunLimits; told: "none" | "asked" | "held"; since: number };

/** PERSISTED CONTRACT: what the shell remembers beside the engine's state. */
export type Meta = {
  /** Of the last journal row. */
  seq: number;
  parent: StartRequest["parent"] | null;
  eventDepth: number;
  /** Absent: its parent handed it no secrets. */
  lent?: StartRequest["lent"];
  /** 1 to 10, 10 first. */
  priority: number;
  /** The parent has been told of the end. */
  parentTold: boolean;
  /** False: the workflow that its failure starts has yet to be told. Absent: there is none, or the run has not failed. */
  failureTold?: boolean;
  /** It has waited, so its row in the index may name a wake far ahead: its end must get there without help. Absent in older runs. */
  mustTell?: boolean;
  /** Steps (`node:visit`) that wait no more for the run that they have started: it has yet to be ended. Absent: none. */
  orphans?: string[];
  /** Up to which id of the log each wait (`node:visit`) has heard what it missed before its row stood; while it is not through. Absent: none. */
  heard?: { [key: string]: string };
  /** Somebody listens to its workflow: the Feed knows it up to this sequence number. Absent: nobody does. */
  told?: number | undefined;
  /** Of a run that is limited: what its dispatcher was told (slots.ts). */
  slot?: Slot;
  retry?: RunRetry;
  /** A bug met in a step, by message: the run is parked with its journal intact (I7). */
  stuck: string | null;
  /** Commits so far, for metrics. */
  commits: number;
};

/** Of a run that has not begun. */
export const FRESH: Meta = {
  seq: 0,
  parent: null,
  eventDepth: 0,
  priority: 5,
  parentTold: false,
  mustTell: false,
  stuck: null,
  commits: 0,
};

/** PERSISTED CONTRACT: one attempt of an effect, epoch ms. */
export type Attempt = {
  startedAt: number;
  endedAt: number | null;
  /** null while it runs; `pending` when its result comes by itself. */
  outcome: string | null;
};

export type Commit = {
  at: number;
  input?: Input;
  rows?: [key: string, value: string | null][];
  meta: Meta;
  startedAttempts?: { key: string; attempt: number }[];
  endedAttempt?: { key: string; attempt: number; outcome: string } | undefined;
};

/** Cloudflare's "SQLite-backed Durable Object limits": 100 parameters a statement. */
const MAX_ROWS = 50;
/** Keys of the journal are digits and sort before every other. */
const FIRST_OF_STATE = "a";

const journalKey = (seq: number): string => String(seq).padStart(9, "0");
const attemptKey = (key: string, attempt: number): string => `a:${key}:${attempt}`;

export class ExecutionStore {
  readonly #sql: SqlStorage;
  /** What is stored of them, so that a look costs no query. */
  #attempts = new Map<string, Attempt>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Makes the table; part of the first commit, so that an object that was only asked leaves no file behind. */
  create(): void {
    this.#sql.exec("CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
  }

  /** Epoch ms of the last input; 0 before the first. */
  lastAt(): number {
    const [last] = this.#sql
      .exec<{ value: string }>(`SELECT value FROM records WHERE key < '${FIRST_OF_STATE}' ORDER BY key DESC LIMIT 1`)
      .toArray();
    return last ? (JSON.parse(last.value) as Input).at : 0;
  }

  /** Null when nothing was ever committed here. */
  load(): { state: RunState; meta: Meta } | null {
    const known = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'records'").toArray();
    if (known.length === 0) return null;
    let meta: Meta | null = null;
    let start: StartInput | null = null;
    const rows: { key: string; value: string }[] = [];
    this.#attempts = new Map();
    for (const row of this.#sql.exec<{ key: string; value: string }>(
      `SELECT key, value FROM records WHERE key = '${journalKey(1)}'
       UNION ALL SELECT key, value FROM records WHERE key >= '${FIRST_OF_STATE}'`,
    )) {
      if (row.key === journalKey(1)) start = JSON.parse(row.value) as StartInput;
      else if (row.key === "meta") meta = JSON.parse(row.value) as Meta;
      else if (row.key.startsWith("a:")) this.#attempts.set(row.key, JSON.parse(row.value) as Attempt);
      else rows.push(row);
    }
    return meta && start && { state: stateOfRows(inOrder(rows), start), meta };
  }

  /** After everything that was stored is gone. */
  forget(): void {
    this.#attempts.clear();
  }

  /** Everything of one step, in one commit. Synchronous on purpose; the caller sees to it that a failure takes back all of it. */
  write({ at, input, rows = [], meta, startedAttempts = [], endedAttempt }: Commit): void {
    const kept: [key: string, value: string][] = [["meta", JSON.stringify(meta)]];
    if (input) kept.push([journalKey(meta.seq), JSON.stringify(input)]);
    const removed: string[] = [];
    for (const [key, value] of rows) {
      if (value === null) removed.push(key);
      else kept.push([key, value]);
    }
    const attempts = this.#changedAttempts(at, startedAttempts, endedAttempt);
    for (const [key, attempt] of attempts) kept.push([key, JSON.stringify(attempt)]);
    for (const part of partsOf(kept)) {
      this.#sql.exec(
        `INSERT INTO records (key, value) VALUES ${list("(?, ?)", part.length)} ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
        ...part.flat(),
      );
    }
    for (const part of partsOf(removed)) {
      this.#sql.exec(`DELETE FROM records WHERE key IN (${list("?", part.length)})`, ...part);
    }
    for (const [key, attempt] of attempts) this.#attempts.set(key, attempt);
  }

  journal(): { seq: number; at: number; input: Input }[] {
    return this.#sql
      .exec<{ key: string; value: string }>(
        `SELECT key, value FROM records WHERE key < '${FIRST_OF_STATE}' ORDER BY key`,
      )
      .toArray()
      .map(({ key, value }) => {
        const input = JSON.parse(value) as Input;
        return { seq: Number(key), at: input.at, input };
      });
  }

  /** At which key the run has taken an event, by the journal; undefined: it has not. What it began with is another matter. */
  takenAt(eventId: string): string | undefined {
    const rows = this.#sql.exec<{ value: string }>(
      `SELECT value FROM records WHERE key < '${FIRST_OF_STATE}' AND instr(value, ?) > 0 ORDER BY key`,
      JSON.stringify(eventId),
    );
    for (const { value } of rows) {
      const input = JSON.parse(value) as Input;
      if (input.type === "event" && input.event.id === eventId) return input.key;
    }
    return undefined;
  }

  /** An attempt, if it was ever started. */
  attempt(key: string, attempt: number): Attempt | undefined {
    return this.#attempts.get(attemptKey(key, attempt));
  }

  /** The first outcome of an attempt stands, unless it was only `pending`. */
  #changedAttempts(
    at: number,
    started: NonNullable<Commit["startedAttempts"]>,
    ended: Commit["endedAttempt"],
  ): Map<string, Attempt> {
    const changed = new Map<string, Attempt>();
    for (const { key, attempt } of started) {
      changed.set(attemptKey(key, attempt), { startedAt: at, endedAt: null, outcome: null });
    }
    const known = ended && this.attempt(ended.key, ended.attempt);
    if (known && (known.outcome === null || known.outcome === "pending")) {
      changed.set(attemptKey(ended.key, ended.attempt), { ...known, endedAt: at, outcome: ended.outcome });
    }
    return changed;
  }
}

const list = (item: string, times: number): string => `${`${item}, `.repeat(times - 1)}${item}`;

/** As few parts as statements are needed. */
const partsOf = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / MAX_ROWS) }, (_, part) =>
    items.slice(part * MAX_ROWS, (part + 1) * MAX_ROWS),
  );

/** Records sorted as they were made (`t:2` before `t:10`), because the engine's order of branches is that of its maps. */
const inOrder = (rows: { key: string; value: string }[]): { key: string; value: string }[] => {
  const number = (key: string) => Number(key.slice(2));
  return rows.sort((a, b) => {
    if (a.key[0] !== b.key[0] || Number.isNaN(number(a.key)) || Number.isNaN(number(b.key)))
      return a.key < b.key ? -1 : 1;
    return number(a.key) - number(b.key);
  });
};
