// D1 with production's limits held everywhere: the local runtime is more generous, and what passes here must pass there.
// Limits: https://developers.cloudflare.com/d1/platform/limits/
import { type SQL, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { noteDatabaseFailure, noteStatements } from "../lib/vitals.ts";
import * as schema from "./schema.ts";

export const MAX_BOUND_PARAMETERS = 100;
export const MAX_ROW_BYTES = 2_000_000;
const MAX_STATEMENT_BYTES = 100_000;

const encoder = new TextEncoder();
const sizeOf = (value: unknown): number => {
  // A UTF-16 unit is at most three bytes of UTF-8: short texts need no count.
  if (typeof value === "string") return value.length * 3 < MAX_ROW_BYTES ? value.length : encoder.encode(value).length;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength;
  return 8;
};

/** A statement or value that production's D1 would refuse. */
export class D1LimitError extends Error {
  override readonly name = "D1LimitError";
}

/** What the database says of its work on what it was asked. */
const noted = async <T>(call: Promise<T>, metasOf: (answer: T) => readonly D1Meta[]): Promise<T> => {
  try {
    const answer = await call;
    noteStatements(metasOf(answer));
    return answer;
  } catch (error) {
    if (isDatabaseAway(error)) noteDatabaseFailure();
    throw error;
  }
};

const measured = (statement: D1PreparedStatement): D1PreparedStatement => {
  const [all, run] = [statement.all.bind(statement), statement.run.bind(statement)];
  statement.all = (<T>() => noted(all<T>(), ({ meta }) => [meta])) as typeof statement.all;
  statement.run = (<T>() => noted(run<T>(), ({ meta }) => [meta])) as typeof statement.run;
  return statement;
};

const guard = (statement: D1PreparedStatement): D1PreparedStatement => {
  const bind = statement.bind.bind(statement);
  statement.bind = (...values: unknown[]) => {
    if (values.length > MAX_BOUND_PARAMETERS) {
      throw new D1LimitError(`${values.length} bound parameters; D1 takes ${MAX_BOUND_PARAMETERS}`);
    }
    let bytes = 0;
    for (const value of values) bytes += sizeOf(value);
    if (bytes > MAX_ROW_BYTES)
      throw new D1LimitError(`${bytes} bytes in one statement's values; D1 takes ${MAX_ROW_BYTES}`);
    return measured(bind(...values));
  };
  return measured(statement);
};

/** The same database, refusing what production would refuse. */
export const limitedD1 = (db: D1Database): D1Database =>
  ({
    prepare: (query: string) => {
      if (query.length > MAX_STATEMENT_BYTES) throw new D1LimitError(`a statement of ${query.length} bytes`);
      return guard(db.prepare(query));
    },
    batch: (statements: D1PreparedStatement[]) =>
      noted(db.batch(statements), (results) => results.map(({ meta }) => meta)),
    exec: (query: string) => db.exec(query),
    withSession: (constraint?: string) => db.withSession(constraint),
    dump: () => db.dump(),
  }) as D1Database;

const typed = new WeakMap<D1Database, DrizzleD1Database<typeof schema>>();

/** Typed queries over a database. */
export const orm = (db: D1Database): DrizzleD1Database<typeof schema> => {
  const known = typed.get(db);
  if (known) return known;
  const made = drizzle(db, { schema });
  typed.set(db, made);
  return made;
};

/** A typed query as a statement, so that it can share a `db.batch` (one transaction) with others. */
export const statementOf = (
  db: D1Database,
  query: { toSQL(): { sql: string; params: unknown[] } },
): D1PreparedStatement => {
  const { sql, params } = query.toSQL();
  return db.prepare(sql).bind(...params);
};

/**
 * For `likelihood(condition, FEW)`: few rows of an organisation meet it. Without statistics SQLite would rather read the whole organisation in
 * the order of its primary key than look into an index and fetch each row.
 */
export const FEW = 0.0001;
export const few = (condition: SQL): SQL => sql`likelihood(${condition}, ${sql.raw(String(FEW))})`;

const says = (error: unknown, text: string): boolean => {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (at.message.includes(text)) return true;
  return false;
};

/** True when `error` says that a unique index or primary key was hit. */
export const isUniqueViolation = (error: unknown): boolean => says(error, "UNIQUE constraint failed");

/** True when one of our triggers aborted with `message`. */
export const wasAborted = (error: unknown, message: string): boolean => says(error, message);

/**
 * How D1 says that it cannot answer now, from the first word on: a text of ours or of a user may contain the same further in.
 * Source: https://developers.cloudflare.com/d1/observability/debug-d1/ (all that is listed there); from "internal error" on what it says beside.
 */
const AWAY = [
  "D1 DB reset because its code was updated",
  "D1 DB is overloaded",
  "D1 DB storage operation exceeded timeout which caused object to be reset",
  "D1 DB exceeded its CPU time limit and was reset",
  "D1 DB's isolate exceeded its memory limit and was reset",
  "Internal error while starting up D1 DB storage caused object to be reset",
  "Internal error in D1 DB storage caused object to be reset",
  "Cannot resolve D1 DB due to transient issue on remote node",
  "Can't read from request stream because client disconnected",
  "Network connection lost",
  "internal error; reference =",
  "Connection closed: this D1 DB instance is no longer active",
  "Currently processing a long-running export",
  "database is locked",
  "Failed to parse body as JSON, got:",
  "Your account has exceeded D1's",
];
const PREFIX = /^(?:D1_(?:EXEC_)?ERROR: |Error: )+/;

/** True when `error` says that D1 itself is out of reach, overloaded or being replaced: nothing is wrong with the statement. */
export const isDatabaseAway = (error: unknown): boolean => {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const said = at.message.replace(PREFIX, "");
    if (AWAY.some((text) => said.startsWith(text))) return true;
  }
  return false;
};
