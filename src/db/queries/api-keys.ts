// API keys, by their hash for calls and by their id for people.
import { and, count, desc, eq, isNull } from "drizzle-orm";
import { orm, statementOf } from "../d1.ts";
import { apiKeys } from "../schema.ts";
import type { AuditCondition } from "./audit.ts";
import type { Role } from "./organizations.ts";

export type ApiKeyRow = typeof apiKeys.$inferSelect;

export type KeyHolder = {
  id: string;
  organizationId: string;
  name: string;
  scopes: string[] | null;
  createdBy: string;
  lastUsedAt: number | null;
  /** Present role of who made it. */
  role: Role;
};

/** An unrevoked key whose maker is still a member, or undefined. Runs on every request with a key: one read. */
export const findKeyHolder = async (db: D1Database, hash: string): Promise<KeyHolder | undefined> => {
  const row = await db
    .prepare(
      `SELECT k.id, k.org_id AS organizationId, k.name, k.scopes, k.created_by AS createdBy, k.last_used_at AS lastUsedAt, m.role
       FROM api_keys k JOIN members m ON m.org_id = k.org_id AND m.user_id = k.created_by
       WHERE k.hash = ?1 AND k.revoked_at IS NULL`,
    )
    .bind(hash)
    .first<Omit<KeyHolder, "scopes"> & { scopes: string | null }>();
  return row ? { ...row, scopes: row.scopes === null ? null : (JSON.parse(row.scopes) as string[]) } : undefined;
};

/** Sets last_used_at unless somebody did so after `since`. */
export const touchKey = async (
  db: D1Database,
  key: { organizationId: string; id: string; at: number; since: number },
): Promise<void> => {
  await db
    .prepare(
      `UPDATE api_keys SET last_used_at = ?3 WHERE org_id = ?1 AND id = ?2 AND (last_used_at IS NULL OR last_used_at < ?4)`,
    )
    .bind(key.organizationId, key.id, key.at, key.since)
    .run();
};

export const insertApiKey = (db: D1Database, row: ApiKeyRow): D1PreparedStatement =>
  statementOf(db, orm(db).insert(apiKeys).values(row));

/** Newest first, revoked ones included; `createdBy` narrows to one maker's. */
export const listApiKeys = async (
  db: D1Database,
  organizationId: string,
  filter: { createdBy?: string; limit: number; offset: number },
): Promise<{ rows: ApiKeyRow[]; total: number }> => {
  const wanted = and(
    eq(apiKeys.organizationId, organizationId),
    filter.createdBy === undefined ? undefined : eq(apiKeys.createdBy, filter.createdBy),
  );
  const [rows, totals] = await orm(db).batch([
    orm(db).select().from(apiKeys).where(wanted).orderBy(desc(apiKeys.id)).limit(filter.limit).offset(filter.offset),
    orm(db).select({ n: count() }).from(apiKeys).where(wanted),
  ]);
  return { rows, total: totals[0]!.n };
};

export const findApiKey = async (db: D1Database, organizationId: string, id: string): Promise<ApiKeyRow | undefined> =>
  orm(db)
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.id, id)))
    .get();

export const revokeApiKey = (db: D1Database, organizationId: string, id: string, at: number): D1PreparedStatement =>
  statementOf(
    db,
    orm(db)
      .update(apiKeys)
      .set({ revokedAt: at })
      .where(and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.id, id), isNull(apiKeys.revokedAt))),
  );

/** True until the key is revoked. */
export const isLiveKey = (organizationId: string, id: string): AuditCondition => ({
  where: "EXISTS (SELECT 1 FROM api_keys WHERE org_id = ?1 AND id = ?2 AND revoked_at IS NULL)",
  values: [organizationId, id],
});
