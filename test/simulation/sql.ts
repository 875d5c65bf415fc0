// SqlStorage over node:sqlite: what the objects use of it, with production's limits. Every write is told, so that it can be committed or lost.
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

export type Write = { sql: string; params: SQLInputValue[] };

/** Cloudflare's "SQLite-backed Durable Object limits": 2 MB a row, 100 parameters a statement. */
const MAX_VALUE_BYTES = 2_000_000;
const MAX_PARAMETERS = 100;

export class LiveSql {
  readonly #database = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  readonly #written: (write: Write) => void;

  constructor(past: readonly Write[], written: (write: Write) => void) {
    for (const { sql, params } of past) this.#run(sql, params);
    this.#written = written;
  }

  exec(sql: string, ...params: SQLInputValue[]): Cursor {
    if (params.length > MAX_PARAMETERS) throw new Error("too many SQL variables: SQLITE_ERROR");
    if (params.some((value) => typeof value === "string" && Buffer.byteLength(value) > MAX_VALUE_BYTES))
      throw new Error("string or blob too big: SQLITE_TOOBIG");
    const rows = this.#run(sql, params);
    if (/^\s*SELECT/i.test(sql)) return new Cursor(rows, 0);
    this.#written({ sql, params });
    return new Cursor(rows, Number(this.#run("SELECT changes() AS n", [])[0]!.n));
  }

  /** Takes back what `work` wrote when it throws. */
  transaction<T>(work: () => T): T {
    this.#database.exec("SAVEPOINT transaction_sync");
    try {
      const result = work();
      this.#database.exec("RELEASE transaction_sync");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK TO transaction_sync; RELEASE transaction_sync");
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  #run(sql: string, params: SQLInputValue[]): Record<string, unknown>[] {
    if (/^\s*CREATE/i.test(sql)) {
      this.#database.exec(sql);
      return [];
    }
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement.all(...params) as Record<string, unknown>[];
  }
}

class Cursor {
  readonly #rows: Record<string, unknown>[];
  /** Rows, where production counts those of indexes as well. */
  readonly rowsWritten: number;

  constructor(rows: Record<string, unknown>[], rowsWritten: number) {
    this.#rows = rows.map((row) => ({ ...row }));
    this.rowsWritten = rowsWritten;
  }

  toArray(): Record<string, unknown>[] {
    return this.#rows;
  }

  one(): Record<string, unknown> {
    if (this.#rows.length !== 1)
      throw new Error(`Expected exactly one result from SQL query, but got ${this.#rows.length}`);
    return this.#rows[0]!;
  }

  [Symbol.iterator](): Iterator<Record<string, unknown>> {
    return this.#rows[Symbol.iterator]();
  }
}
