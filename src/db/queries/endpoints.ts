// Webhooks of the enhanced API: their rows, and what all of an organisation's webhooks have counted. What their objects judge by is webhooks.ts.
import { and, desc, eq, sql } from "drizzle-orm";
import type { Json } from "../../lib/json.ts";
import { few, orm, statementOf, wasAborted } from "../d1.ts";
import { webhooks, workflows } from "../schema.ts";
import type { WebhookRow } from "./webhooks.ts";
import { notHidden } from "./workflows.ts";

/** Of any door. */
export const findEndpoint = (db: D1Database, organizationId: string, id: string): Promise<WebhookRow | undefined> =>
  orm(db)
    .select()
    .from(webhooks)
    .where(and(eq(webhooks.organizationId, organizationId), eq(webhooks.id, id)))
    .get();

/** Of any door, newest first. `visibleTo` leaves out those of workflows that were hidden from this user. */
export const listEndpoints = async (
  db: D1Database,
  organizationId: string,
  { visibleTo, workflowId }: { visibleTo?: string; workflowId?: string },
  page: { limit: number; offset: number },
): Promise<{ rows: WebhookRow[]; total: number }> => {
  const ofWorkflow = and(eq(workflows.organizationId, webhooks.organizationId), eq(workflows.id, webhooks.workflowId));
  const wanted = and(
    eq(webhooks.organizationId, organizationId),
    workflowId === undefined ? undefined : few(eq(webhooks.workflowId, workflowId)),
    visibleTo === undefined
      ? undefined
      : sql`(${webhooks.workflowId} = '' OR EXISTS (SELECT 1 FROM ${workflows} WHERE ${ofWorkflow} AND ${notHidden(visibleTo)}))`,
  );
  const [rows, totals] = await orm(db).batch([
    orm(db).select().from(webhooks).where(wanted).orderBy(desc(webhooks.id)).limit(page.limit).offset(page.offset),
    orm(db).select({ n: sql<number>`count(*)` }).from(webhooks).where(wanted),
  ]);
  return { rows, total: totals[0]!.n };
};

export const updateEndpoint = (
  db: D1Database,
  { organizationId, id }: Pick<WebhookRow, "organizationId" | "id">,
  change: Partial<WebhookRow>,
): D1PreparedStatement =>
  statementOf(
    db,
    orm(db)
      .update(webhooks)
      .set(change)
      .where(and(eq(webhooks.organizationId, organizationId), eq(webhooks.id, id))),
  );

/** Fails its batch when the secret is no longer the one that was read. */
export const refuseRotated = (
  db: D1Database,
  { organizationId, id, secretSealed }: Pick<WebhookRow, "organizationId" | "id" | "secretSealed">,
): D1PreparedStatement =>
  db
    .prepare("UPDATE webhooks SET secret_sealed = NULL WHERE org_id = ?1 AND id = ?2 AND secret_sealed <> ?3")
    .bind(organizationId, id, secretSealed);

/** True when `refuseRotated` failed the batch. */
export const isRotatedMeanwhile = (error: unknown): boolean =>
  wasAborted(error, "NOT NULL constraint failed: webhooks.secret_sealed");

export const deleteEndpoint = (
  db: D1Database,
  { organizationId, id }: Pick<WebhookRow, "organizationId" | "id">,
): D1PreparedStatement =>
  statementOf(
    db,
    orm(db)
      .delete(webhooks)
      .where(and(eq(webhooks.organizationId, organizationId), eq(webhooks.id, id))),
  );

/** Nothing when it is gone. */
export const writeCounts = async (
  db: D1Database,
  { organizationId, id }: { organizationId: string; id: string },
  counts: Json,
): Promise<void> => {
  await db
    .prepare("UPDATE webhooks SET counts = ?3 WHERE org_id = ?1 AND id = ?2")
    .bind(organizationId, id, JSON.stringify(counts))
    .run();
};

export type CountSums = {
  endpoints: number;
  enabled: number;
  received: number;
  accepted: number;
  duplicates: number;
  filtered: number;
  refused: { [reason: string]: number };
  lastReceivedAt: number | null;
};

/** Over all webhooks of an organisation; those of the core API have counted what they took. One statement. */
export const sumCounts = async (db: D1Database, organizationId: string): Promise<CountSums> => {
  const row = await db
    .prepare(
      `SELECT count(*) AS endpoints, coalesce(sum(enabled), 0) AS enabled,
         coalesce(sum(coalesce(counts ->> '$.received', trigger_count)), 0) AS received,
         coalesce(sum(coalesce(counts ->> '$.accepted', trigger_count)), 0) AS accepted,
         coalesce(sum(counts ->> '$.duplicates'), 0) AS duplicates, coalesce(sum(counts ->> '$.filtered'), 0) AS filtered,
         max(coalesce(counts ->> '$.lastReceivedAt', last_triggered_at)) AS lastReceivedAt,
         (SELECT json_group_object(reason, n) FROM (SELECT r.key AS reason, sum(r.value) AS n
           FROM webhooks AS other, json_each(other.counts, '$.refused') AS r WHERE other.org_id = ?1 GROUP BY r.key)) AS refused
       FROM webhooks WHERE org_id = ?1`,
    )
    .bind(organizationId)
    .first<Omit<CountSums, "refused"> & { refused: string }>();
  return { ...row!, refused: JSON.parse(row!.refused) as CountSums["refused"] };
};
