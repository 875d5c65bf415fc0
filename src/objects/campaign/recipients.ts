// Who gets a campaign's message, and how far each of them is. Owns the table `recipients`. Invariants: nobody is in it twice; what has left is
// marked in the commit before it leaves; what the provider answered stays here until its row in the index has it.
import type { SendOutcome } from "../../channels/channel.ts";

/** PERSISTED CONTRACT. */
const WAITING = 0;
/** Its row is being written, or it waits for its slot: surely nothing has left. */
const CLAIMED = 1;
const LEFT = 2;
const ANSWERED = 3;
/** It may have left: looked up until somebody knows. */
const DOUBTFUL = 4;
const FINAL = 5;

export type Waiting = { n: number; contactId: string };
export type Doubtful = { contactId: string; leftAt: number | null; looks: number };
export type AnsweredRow = { contactId: string; outcome: SendOutcome; tries: number };

export class Recipients {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS recipients (
      n INTEGER PRIMARY KEY, contact TEXT NOT NULL UNIQUE, state INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0,
      tries INTEGER NOT NULL DEFAULT 0, looks INTEGER NOT NULL DEFAULT 0, left_at INTEGER, written INTEGER NOT NULL DEFAULT 0, outcome TEXT)`);
    sql.exec(`CREATE INDEX IF NOT EXISTS recipients_due ON recipients (state, due, n) WHERE state <> ${FINAL}`);
  }

  /** After a restart: what was claimed has not left, and of what has left nobody heard. `look`: ms from leaving to the first look. */
  recover(look: number): void {
    this.#sql.exec(`UPDATE recipients SET state = ${WAITING} WHERE state = ${CLAIMED}`);
    this.#sql.exec(
      `UPDATE recipients SET state = ${DOUBTFUL}, due = left_at + ?, looks = 0 WHERE state = ${LEFT}`,
      look,
    );
  }

  add(contactIds: readonly string[]): void {
    this.#sql.exec(
      "INSERT OR IGNORE INTO recipients (contact) SELECT value FROM json_each(?)",
      JSON.stringify(contactIds),
    );
  }

  /** The next ones that are due, marked as claimed. */
  take(now: number, limit: number): string[] {
    return this.#sql
      .exec<{ contact: string }>(
        `UPDATE recipients SET state = ${CLAIMED} WHERE n IN (
           SELECT n FROM recipients WHERE state = ${WAITING} AND due <= ? ORDER BY due, n LIMIT ?) RETURNING contact`,
        now,
        limit,
      )
      .toArray()
      .map(({ contact }) => contact);
  }

  /** They wait again, until `due` (epoch ms). `written`: they have a row in the index. */
  release(contactIds: readonly string[], due: number, written: boolean): void {
    this.#sql.exec(
      `UPDATE recipients SET state = ${WAITING}, due = ?, written = max(written, ?), outcome = NULL
       WHERE contact IN (SELECT value FROM json_each(?)) AND state <> ${FINAL}`,
      Math.ceil(due),
      written ? 1 : 0,
      JSON.stringify(contactIds),
    );
  }

  /** Those of them that have not left wait again, at once. */
  giveBack(contactIds: readonly string[]): void {
    this.#sql.exec(
      `UPDATE recipients SET state = ${WAITING} WHERE contact IN (SELECT value FROM json_each(?)) AND state = ${CLAIMED}`,
      JSON.stringify(contactIds),
    );
  }

  /** It leaves in this commit's wake; false when it may not. */
  leave(contactId: string, at: number): boolean {
    return (
      this.#sql.exec(
        `UPDATE recipients SET state = ${LEFT}, left_at = ?, tries = tries + 1, written = 1 WHERE contact = ? AND state = ${CLAIMED}`,
        at,
        contactId,
      ).rowsWritten > 0
    );
  }

  answer(contactId: string, outcome: SendOutcome): void {
    this.#sql.exec(
      `UPDATE recipients SET state = ${ANSWERED}, outcome = ? WHERE contact = ? AND state = ${LEFT}`,
      JSON.stringify(outcome),
      contactId,
    );
  }

  answered(limit: number): AnsweredRow[] {
    return this.#sql
      .exec<{ contact: string; outcome: string; tries: number }>(
        `SELECT contact, outcome, tries FROM recipients WHERE state = ${ANSWERED} ORDER BY due, n LIMIT ?`,
        limit,
      )
      .toArray()
      .map(({ contact, outcome, tries }) => ({ contactId: contact, outcome: JSON.parse(outcome), tries }));
  }

  /** Looked at from `due` on. */
  doubt(contactIds: readonly string[], due: number): void {
    this.#sql.exec(
      `UPDATE recipients SET state = ${DOUBTFUL}, due = ?, outcome = NULL
       WHERE contact IN (SELECT value FROM json_each(?)) AND state <> ${FINAL}`,
      Math.ceil(due),
      JSON.stringify(contactIds),
    );
  }

  /** They did not leave: their row would not be claimed. */
  doubtUnsent(contactIds: readonly string[], due: number): void {
    this.#sql.exec(
      `UPDATE recipients SET state = ${DOUBTFUL}, due = ?, left_at = NULL
       WHERE contact IN (SELECT value FROM json_each(?)) AND state = ${CLAIMED}`,
      Math.ceil(due),
      JSON.stringify(contactIds),
    );
  }

  doubtful(now: number, limit: number): Doubtful[] {
    return this.#sql
      .exec<{ contact: string; left_at: number | null; looks: number }>(
        `SELECT contact, left_at, looks FROM recipients WHERE state = ${DOUBTFUL} AND due <= ? ORDER BY due, n LIMIT ?`,
        now,
        limit,
      )
      .toArray()
      .map(({ contact, left_at, looks }) => ({ contactId: contact, leftAt: left_at, looks }));
  }

  lookLater(contactId: string, due: number): void {
    this.#sql.exec(
      `UPDATE recipients SET due = ?, looks = looks + 1 WHERE contact = ? AND state = ${DOUBTFUL}`,
      Math.ceil(due),
      contactId,
    );
  }

  finish(contactIds: readonly string[]): void {
    this.#sql.exec(
      `UPDATE recipients SET state = ${FINAL}, outcome = NULL WHERE contact IN (SELECT value FROM json_each(?))`,
      JSON.stringify(contactIds),
    );
  }

  /** Those that wait and have a row, for when nothing more is to leave. */
  waitingWritten(limit: number): string[] {
    return this.#sql
      .exec<{ contact: string }>(
        `SELECT contact FROM recipients WHERE state = ${WAITING} AND written = 1 ORDER BY due, n LIMIT ?`,
        limit,
      )
      .toArray()
      .map(({ contact }) => contact);
  }

  /** Epoch ms at which the first of them is due; null when none is. */
  nextDoubt(): number | null {
    return this.#next(DOUBTFUL);
  }

  nextWaiting(): number | null {
    return this.#next(WAITING);
  }

  count(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM recipients").one().n;
  }

  anyUnfinished(): boolean {
    return this.#sql.exec(`SELECT 1 FROM recipients WHERE state <> ${FINAL} LIMIT 1`).toArray().length > 0;
  }

  #next(state: number): number | null {
    return (
      this.#sql
        .exec<{ due: number }>(`SELECT due FROM recipients WHERE state = ${state} ORDER BY due LIMIT 1`)
        .toArray()[0]?.due ?? null
    );
  }
}
