// The execution's own SQLite: the journal of inputs, the state's records, the attempts of effects, and what the shell must remember.
// Owns the four tables below and nothing else. Invariants: journal.seq has no gap; the state's rows are the fold of the journal (I5);
// input, state and attempts of one step are written without an await between them, so they commit together (I2).

import type { StartRequest } from "../../domain/ports.ts";
import type { Input } from "../../engine/contract.ts";
import { type RunState, stateOfRows } from "../../engine/state.ts";

/** PERSISTED CONTRACT: what the shell remembers beside the engine's state. */
export type Meta = {
  /** Of the last journal row. */
  seq: number;
  parent: StartRequest["parent"] | null;
  eventDepth: number;
  /** 1 to 10, 10 first. */
  priority: number;
  /** The parent has been told of the end. */
  parentTold: boolean;
  /** It has waited, so its row in the index may name a wake far ahead: its end must get there without help. Absent in older runs. */
  mustTell?: boolean;
  /** A bug met in a step, by message: the run is parked with its journal intact (I7). */
  stuck: string | null;
  /** Commits so far, for metrics. */
  commits: number;
};

export type AttemptRow = {
  key: string;
  attempt: number;
  started_at: number;
  ended_at: number | null;
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

export class ExecutionStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Makes the tables; part of the first commit, so that an object that was only asked leaves no file behind. */
  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, input TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS attempts (
        key TEXT NOT NULL, attempt INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, outcome TEXT,
        PRIMARY KEY (key, attempt)) WITHOUT ROWID;
    `);
  }

  /** Epoch ms of the last input; 0 before the first. */
  lastAt(): number {
    return this.#sql.exec<{ at: number }>("SELECT at FROM journal ORDER BY seq DESC LIMIT 1").toArray()[0]?.at ?? 0;
  }

  /** Null when nothing was ever committed here. */
  load(): { state: RunState; meta: Meta } | null {
    const known = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'state'").toArray();
    if (known.length === 0) return null;
    let meta: Meta | null = null;
    const rows: { key: string; value: string }[] = [];
    for (const row of this.#sql.exec<{ key: string; value: string }>("SELECT key, value FROM state ORDER BY key")) {
      if (row.key === "meta") meta = JSON.parse(row.value) as Meta;
      else rows.push(row);
    }
    return meta && { state: stateOfRows(inOrder(rows)), meta };
  }

  /** Everything of one step, in one commit. Synchronous on purpose. */
  write(commit: Commit): void {
    if (commit.input) {
      this.#sql.exec(
        "INSERT INTO journal (seq, at, input) VALUES (?, ?, ?)",
        commit.meta.seq,
        commit.at,
        JSON.stringify(commit.input),
      );
    }
    const removed: string[] = [];
    const kept: [string, string][] = [["meta", JSON.stringify(commit.meta)]];
    for (const [key, value] of commit.rows ?? []) {
      if (value === null) removed.push(key);
      else kept.push([key, value]);
    }
    for (const [key, value] of kept) {
      this.#sql.exec(
        "INSERT INTO state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        key,
        value,
      );
    }
    for (const key of removed) this.#sql.exec("DELETE FROM state WHERE key = ?", key);
    for (const { key, attempt } of commit.startedAttempts ?? []) {
      this.#sql.exec("INSERT INTO attempts (key, attempt, started_at) VALUES (?, ?, ?)", key, attempt, commit.at);
    }
    if (commit.endedAttempt) {
      const { key, attempt, outcome } = commit.endedAttempt;
      this.#sql.exec(
        "UPDATE attempts SET ended_at = ?, outcome = ? WHERE key = ? AND attempt = ? AND (outcome IS NULL OR outcome = 'pending')",
        commit.at,
        outcome,
        key,
        attempt,
      );
    }
  }

  journal(): { seq: number; at: number; input: Input }[] {
    return this.#sql
      .exec<{ seq: number; at: number; input: string }>("SELECT seq, at, input FROM journal ORDER BY seq")
      .toArray()
      .map((row) => ({ ...row, input: JSON.parse(row.input) as Input }));
  }

  attempts(): AttemptRow[] {
    return this.#sql
      .exec<AttemptRow>("SELECT key, attempt, started_at, ended_at, outcome FROM attempts ORDER BY started_at")
      .toArray();
  }

  /** The row of an attempt, if it was ever started. */
  attempt(key: string, attempt: number): AttemptRow | undefined {
    return this.#sql
      .exec<AttemptRow>(
        "SELECT key, attempt, started_at, ended_at, outcome FROM attempts WHERE key = ? AND attempt = ?",
        key,
        attempt,
      )
      .toArray()[0];
  }
}

/** Records sorted as they were made (`t:2` before `t:10`), because the engine's order of branches is that of its maps. */
const inOrder = (rows: { key: string; value: string }[]): { key: string; value: string }[] => {
  const number = (key: string) => Number(key.slice(2));
  return rows.sort((a, b) => {
    if (a.key[0] !== b.key[0] || Number.isNaN(number(a.key)) || Number.isNaN(number(b.key)))
      return a.key < b.key ? -1 : 1;
    return number(a.key) - number(b.key);
  });
};
