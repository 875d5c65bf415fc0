// The audit log: added to and read, never changed.
import { and, count, desc, eq, gte, lt } from "drizzle-orm";
import { few, orm, statementOf } from "../d1.ts";
import { audit } from "../schema.ts";

export type AuditRow = typeof audit.$inferSelect;

export type AuditFilter = {
  actor?: string;
  action?: string;
  targetType?: string;
  targetId?: string;
  /** Epoch ms; `from` included, `to` not. */
  from?: number;
  to?: number;
};

export const insertAudit = (db: D1Database, row: AuditRow): D1PreparedStatement =>
  statementOf(db, orm(db).insert(audit).values(row));

/** Of a row that may be there already. */
export const insertAuditOnce = (db: D1Database, row: AuditRow): D1PreparedStatement =>
  statementOf(db, orm(db).insert(audit).values(row).onConflictDoNothing());

/** SQL over its own values, `?1` the first: whether something is still as its caller read it. */
export type AuditCondition = { where: string; values: readonly unknown[] };

/** The row only while `condition` holds: put it before the change that will make it untrue. */
export const insertAuditIf = (
  db: D1Database,
  row: AuditRow,
  { where, values }: AuditCondition,
): D1PreparedStatement => {
  const { organizationId, id, actor, action, targetType, targetId, details, requestId, at } = row;
  const columns = [
    organizationId,
    id,
    actor,
    action,
    targetType,
    targetId,
    details && JSON.stringify(details),
    requestId,
    at,
  ];
  const places = columns.map((_, index) => `?${values.length + index + 1}`).join(", ");
  return db
    .prepare(
      `INSERT INTO audit (org_id, id, actor, action, target_type, target_id, details, request_id, at) SELECT ${places} WHERE ${where}`,
    )
    .bind(...values, ...columns);
};

/** Whether nothing says yet that this was done to the target. */
export const isFirstOf = (
  organizationId: string,
  action: string,
  target: { type: string; id: string },
): AuditCondition => ({
  where: "NOT EXISTS (SELECT 1 FROM audit WHERE org_id = ?1 AND target_type = ?2 AND target_id = ?3 AND action = ?4)",
  values: [organizationId, target.type, target.id, action],
});

/** Newest first. */
export const listAudit = async (
  db: D1Database,
  organizationId: string,
  filter: AuditFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: AuditRow[]; total: number }> => {
  const wanted = and(
    eq(audit.organizationId, organizationId),
    filter.actor === undefined ? undefined : eq(audit.actor, filter.actor),
    filter.action === undefined ? undefined : eq(audit.action, filter.action),
    filter.targetType === undefined ? undefined : eq(audit.targetType, filter.targetType),
    filter.targetId === undefined ? undefined : few(eq(audit.targetId, filter.targetId)),
    filter.from === undefined ? undefined : gte(audit.at, filter.from),
    filter.to === undefined ? undefined : lt(audit.at, filter.to),
  );
  const [rows, totals] = await orm(db).batch([
    orm(db).select().from(audit).where(wanted).orderBy(desc(audit.id)).limit(page.limit).offset(page.offset),
    orm(db).select({ n: count() }).from(audit).where(wanted),
  ]);
  return { rows, total: totals[0]!.n };
};
