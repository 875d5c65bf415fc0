// D1 over node:sqlite, with the product's own migrations: what the queries and the consumers use of it. A batch is one transaction.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";

const migrations = join(import.meta.dirname, "../../migrations");

export class LocalD1 {
  readonly #database = new DatabaseSync(":memory:");

  constructor() {
    const files = readdirSync(migrations).filter((name) => name.endsWith(".sql"));
    for (const file of files.sort()) this.#database.exec(readFileSync(join(migrations, file), "utf8"));
  }

  prepare(sql: string): Statement {
    return new Statement(this.#database, sql, []);
  }

  async batch(statements: readonly Statement[]): Promise<Result[]> {
    this.#database.exec("BEGIN");
    try {
      const results = statements.map((statement) => statement.result());
      this.#database.exec("COMMIT");
      return results;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

type Row = Record<string, unknown>;
type Result = { results: Row[]; success: true; meta: object };

class Statement {
  readonly #database: DatabaseSync;
  readonly #sql: string;
  readonly #values: readonly unknown[];

  constructor(database: DatabaseSync, sql: string, values: readonly unknown[]) {
    this.#database = database;
    this.#sql = sql;
    this.#values = values;
  }

  bind(...values: unknown[]): Statement {
    return new Statement(this.#database, this.#sql, values);
  }

  result(): Result {
    const values = this.#values.map((value) => (typeof value === "boolean" ? Number(value) : value));
    const rows = this.#database.prepare(this.#sql).all(...(values as SQLInputValue[])) as Row[];
    return { results: rows.map((row) => ({ ...row })), success: true, meta: {} };
  }

  async all(): Promise<Result> {
    return this.result();
  }

  async run(): Promise<Result> {
    return this.result();
  }

  async first(column?: string): Promise<unknown> {
    const [row] = this.result().results;
    return row === undefined ? null : column === undefined ? row : row[column];
  }
}
