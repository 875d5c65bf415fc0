// What production's D1 would refuse is refused here, though the local runtime would take it.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import {
  D1LimitError,
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
