// Who gets a campaign's message, and how far each of them is. Owns the table `recipients`. Invariants: nobody is in it twice; what has left is
// marked in the commit before it leaves; what the provider answered stays here until its row in the index has it.
import type { SendOutcome } from "../../channels/channel.ts";

/**
 * PERSISTED CONTRACT. waiting: until it is due. claimed: its row is being written, or it waits for its slot; surely nothing has left. left: it is
 * on its way, or was when we were killed. answered: the provider's word is here, and not in the index yet. doubtful: it may have left, and is
 * looked up until somebody knows. final: nothing more happens.
 */
const STATE = { waiting: 0, claimed: 1, left: 2, answered: 3, doubtful: 4, final: 5 } as const;
type State = keyof typeof STATE;

export type Doubtful = { contactId: string; leftAt: number | null; looks: number };
export type AnsweredRow = { contactId: string; outcome: SendOutcome; tries: number };

export class Recipients {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS recipients (
      n INTEGER PRIMARY KEY, contact TEXT NOT NULL UNIQUE, state INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0,
      tries INTEGER NOT NULL DEFAULT 0, looks INTEGER NOT NULL DEFAULT 0, left_at INTEGER, written INTEGER NOT NULL DEFAULT 0, outcome TEXT)`);
    // Of all states: SQLite does not see that a state that is looked for is not the one left out.
    sql.exec("CREATE INDEX IF NOT EXISTS recipients_due ON recipients (state, due, n)");
  }

  /** After a restart: what was claimed has not left, and of what has left nobody heard. `look`: ms from leaving to the first look. */
  recover(look: number): void {
    this.#sql.exec(`UPDATE recipients SET state = ${STATE.waiting} WHERE state = ${STATE.claimed}`);
    this.#sql.exec(
      `UPDATE recipients SET state = ${STATE.doubtful}, due = left_at + ?, looks = 0 WHERE state = ${STATE.left}`,
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
        `UPDATE recipients SET state = ${STATE.claimed} WHERE n IN (
           SELECT n FROM recipients WHERE state = ${STATE.waiting} AND due <= ? ORDER BY due, n LIMIT ?) RETURNING contact`,
        now,
        limit,
      )
      .toArray()
      .map(({ contact }) => contact);
  }

  /** Those of them that are `from` wait, until `due` (epoch ms); they have a row in the index. */
  release(from: State, contactIds: readonly string[], due: number): void {
    this.#sql.exec(
      `UPDATE recipients SET state = ${STATE.waiting}, due = ?, written = 1, outcome = NULL
       WHERE contact IN (SELECT value FROM json_each(?)) AND state = ${STATE[from]}`,
      Math.ceil(due),
      JSON.stringify(contactIds),
    );
  }

  /** Those that would wait longer than until `after` (epoch ms) wait no more. */
  hasten(after: number): void {
    this.#sql.exec(`UPDATE recipients SET due = 0 WHERE state = ${STATE.waiting} AND due > ?`, after);
  }

  /** Those of them that have not left wait again, at once. */
  giveBack(contactIds: readonly string[]): void {
    this.#sql.exec(
      `UPDATE recipients SET state = ${STATE.waiting}, written = 1
       WHERE contact IN (SELECT value FROM json_each(?)) AND state = ${STATE.claimed}`,
      JSON.stringify(contactIds),
    );
  }

  /** It leaves in this commit's wake; false when it may not. */
  leave(contactId: string, at: number): boolean {
    return (
      this.#sql.exec(
        `UPDATE recipients SET state = ${STATE.left}, left_at = ?, tries = tries + 1, written = 1 WHERE contact = ? AND state = ${STATE.claimed}`,
        at,
        contactId,
      ).rowsWritten > 0
    );
  }

  /** It was marked as leaving, and whoever carried it says that it has not. */
  comeBack(contactId: string): void {
    this.#sql.exec(
      `UPDATE recipients SET state = ${STATE.waiting}, tries = tries - 1 WHERE contact = ? AND state = ${STATE.left}`,
      contactId,
    );
  }

  answer(contactId: string, outcome: SendOutcome): void {
    this.#sql.exec(
      `UPDATE recipients SET state = ${STATE.answered}, outcome = ? WHERE contact = ? AND state = ${STATE.left}`,
      JSON.stringify(outcome),
      contactId,
    );
  }

  answered(limit: number): AnsweredRow[] {
    return this.#sql
      .exec<{ contact: string; outcome: string; tries: number }>(
        `SELECT contact, outcome, tries FROM recipients WHERE state = ${STATE.answered} ORDER BY due, n LIMIT ?`,
        limit,
      )
      .toArray()
      .map(({ contact, outcome, tries }) => ({ contactId: contact, outcome: JSON.parse(outcome), tries }));
  }

  /** Those of them that are `from` are looked up from `due` on. */
  doubt(from: State, contactIds: readonly string[], due: number): void {
    this.#sql.exec(
      `UPDATE recipients SET state = ${STATE.doubtful}, due = ?, looks = 0, outcome = NULL
       WHERE contact IN (SELECT value FROM json_each(?)) AND state = ${STATE[from]}`,
      Math.ceil(due),
      JSON.stringify(contactIds),
    );
  }

  /** They did not leave: their row would not be claimed. */
  doubtUnsent(contactIds: readonly string[], due: number): void {
    this.#sql.exec(
      `UPDATE recipients SET state = ${STATE.doubtful}, due = ?, left_at = NULL
       WHERE contact IN (SELECT value FROM json_each(?)) AND state = ${STATE.claimed}`,
      Math.ceil(due),
      JSON.stringify(contactIds),
    );
  }

  doubtful(now: number, limit: number): Doubtful[] {
    return this.#sql
      .exec<{ contact: string; left_at: number | null; looks: number }>(
        `SELECT contact, left_at, looks FROM recipients WHERE state = ${STATE.doubtful} AND due <= ? ORDER BY due, n LIMIT ?`,
        now,
        limit,
      )
      .toArray()
      .map(({ contact, left_at, looks }) => ({ contactId: contact, leftAt: left_at, looks }));
  }

  lookLater(contactId: string, due: number): void {
    this.#sql.exec(
      `UPDATE recipients SET due = ?, looks = looks + 1 WHERE contact = ? AND state = ${STATE.doubtful}`,
      Math.ceil(due),
      contactId,
    );
  }

  /** Nothing more happens with those of them that are `from`. */
  finish(from: State, contactIds: readonly string[]): void {
    this.#sql.exec(
      `UPDATE recipients SET state = ${STATE.final}, outcome = NULL
       WHERE contact IN (SELECT value FROM json_each(?)) AND state = ${STATE[from]}`,
      JSON.stringify(contactIds),
    );
  }

  /** Those that wait and have a row, for when nothing more is to leave. */
  waitingWritten(limit: number): string[] {
    return this.#sql
      .exec<{ contact: string }>(
        `SELECT contact FROM recipients WHERE state = ${STATE.waiting} AND written = 1 ORDER BY due, n LIMIT ?`,
        limit,
      )
      .toArray()
      .map(({ contact }) => contact);
  }

  /** Epoch ms at which the first of them is due; null when none is. */
  nextDoubt(): number | null {
    return this.#next("doubtful");
  }

  nextWaiting(): number | null {
    return this.#next("waiting");
  }

  count(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM recipients").one().n;
  }

  anyUnfinished(): boolean {
    return this.#sql.exec(`SELECT 1 FROM recipients WHERE state < ${STATE.final} LIMIT 1`).toArray().length > 0;
  }

  #next(state: State): number | null {
    return (
      this.#sql
        .exec<{ due: number }>(`SELECT due FROM recipients WHERE state = ${STATE[state]} ORDER BY due LIMIT 1`)
        .toArray()[0]?.due ?? null
    );
  }
}
