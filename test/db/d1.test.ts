// What production's D1 would refuse is refused here, though the local runtime would take it.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import {
  D1LimitError,
  isDatabaseAway,
  isUniqueViolation,
  limitedD1,
  MAX_BOUND_PARAMETERS,
  MAX_ROW_BYTES,
  orm,
  statementOf,
  wasAborted,
} from "../../src/db/d1.ts";
import { members } from "../../src/db/schema.ts";

const db = limitedD1((env as unknown as { DB: D1Database }).DB);
const row = (userId: string) => ({
  organizationId: "o",
  userId,
  role: "viewer" as const,
  createdBy: "u",
  createdAt: 1,
});

describe("limitedD1", () => {
  it("takes a hundred parameters and refuses one more", async () => {
    const sql = (n: number) => `SELECT ${Array.from({ length: n }, (_, index) => `?${index + 1}`).join(",")}`;
    const values = Array.from({ length: MAX_BOUND_PARAMETERS + 1 }, () => 1);
    await db
      .prepare(sql(100))
      .bind(...values.slice(1))
      .all();
    expect(() => db.prepare(sql(101)).bind(...values)).toThrow(D1LimitError);
  });

  it("counts bytes, not characters", async () => {
    const wide = "é".repeat(MAX_ROW_BYTES / 2);
    expect(await db.prepare("SELECT length(?1) AS n").bind(wide).first("n")).toBe(MAX_ROW_BYTES / 2);
    expect(() => db.prepare("SELECT ?1").bind(`${wide}é`)).toThrow(D1LimitError);
    expect(() => db.prepare("SELECT ?1").bind(new ArrayBuffer(MAX_ROW_BYTES + 1))).toThrow(D1LimitError);
  });

  it("refuses an endless statement", () => {
    expect(() => db.prepare(`SELECT ${"1,".repeat(60_000)}1`)).toThrow(D1LimitError);
  });

  it("works under typed queries, in batches and alone", async () => {
    const insert = (userId: string) => statementOf(db, orm(db).insert(members).values(row(userId)));
    await db.batch([insert("a"), insert("b")]);
    expect(await orm(db).select({ id: members.userId }).from(members)).toEqual([{ id: "a" }, { id: "b" }]);
    const error = await db.batch([insert("c"), insert("a")]).catch((failure: unknown) => failure);
    expect(isUniqueViolation(error)).toBe(true);
    expect(wasAborted(error, "an organisation keeps an owner")).toBe(false);
    expect(await orm(db).$count(members)).toBe(2);
  });
});

describe("isDatabaseAway", () => {
  // As Cloudflare lists them (D1, "Debug D1"), and as they were seen beside the list.
  const AWAY = [
    "D1_ERROR: D1 DB reset because its code was updated.",
    "D1_ERROR: Internal error while starting up D1 DB storage caused object to be reset.",
    "D1_ERROR: Network connection lost.",
    "Network connection lost.",
    "D1_ERROR: Internal error in D1 DB storage caused object to be reset.",
    "D1_ERROR: Cannot resolve D1 DB due to transient issue on remote node.",
    "D1_ERROR: Can't read from request stream because client disconnected.",
    "D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.",
    "D1_ERROR: D1 DB is overloaded. Requests queued for too long.",
    "D1_ERROR: D1 DB is overloaded. Too many requests queued.",
    "D1_ERROR: D1 DB's isolate exceeded its memory limit and was reset.",
    "D1_ERROR: D1 DB exceeded its CPU time limit and was reset.",
    "D1_ERROR: internal error; reference = 0u3odos5iotccpol68ppc0eg",
    "D1_ERROR: Error: internal error; reference = 6hi9i83lajvi9r65mtnuni1t",
    "D1_ERROR: Connection closed: this D1 DB instance is no longer active. Reconnect or retry the request.",
    "D1_EXEC_ERROR: Currently processing a long-running export.",
    "D1_ERROR: database is locked: SQLITE_BUSY",
    "Your account has exceeded D1's free tier daily row read limit.",
  ];
  it.each(AWAY)("%s", (message) => {
    expect(isDatabaseAway(new Error(message))).toBe(true);
    expect(isDatabaseAway(new Error("Failed query: SELECT 1", { cause: new Error(message) }))).toBe(true);
  });

  it.each([
    "D1_ERROR: no such table: things: SQLITE_ERROR",
    'D1_EXEC_ERROR: Error in line 1: INSERTZ: near "INSERTZ": syntax error',
    "D1_TYPE_ERROR: Type 'undefined' not supported for value 'undefined'",
    "D1_ERROR: UNIQUE constraint failed: members.org_id, members.user_id: SQLITE_CONSTRAINT",
    "D1_ERROR: too many SQL variables at offset 5: SQLITE_ERROR",
    "D1_ERROR: an audit row never changes: SQLITE_CONSTRAINT",
    // What drizzle repeats is a user's text.
    "Failed query: SELECT ?\nparams: D1_ERROR: Network connection lost.",
    "cannot read properties of undefined",
  ])("is not: %s", (message) => {
    expect(isDatabaseAway(new Error(message))).toBe(false);
    expect(isDatabaseAway(message)).toBe(false);
  });

  it("is not what the database itself says of a wrong statement", async () => {
    const said = await db
      .prepare("SELECT nothing FROM nowhere")
      .all()
      .catch((error: unknown) => error);
    expect(said).toBeInstanceOf(Error);
    expect(isDatabaseAway(said)).toBe(false);
  });
});
