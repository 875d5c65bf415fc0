// Incoming webhooks: the core API's rows, and the settings that the objects of all of them judge by. The other door's rows are endpoints.ts.
import { and, count, desc, eq } from "drizzle-orm";
import type { Json } from "../../lib/json.ts";
import { FEW, few, orm, statementOf, wasAborted } from "../d1.ts";
import { webhooks } from "../schema.ts";

export type WebhookRow = typeof webhooks.$inferSelect;

/** A webhook with what its workflow says about it. */
export type WebhookWithWorkflow = WebhookRow & {
  workflowActive: boolean;
  /** `trigger_webhook` nodes of the published version. */
  nodeIds: string[];
};

const isCore = eq(webhooks.door, "core");

const one = (organizationId: string, workflowId: string, id: string) =>
  and(eq(webhooks.organizationId, organizationId), eq(webhooks.workflowId, workflowId), eq(webhooks.id, id), isCore);

const ofWorkflow = (organizationId: string, workflowId: string) =>
  and(eq(webhooks.organizationId, organizationId), few(eq(webhooks.workflowId, workflowId)), isCore);

export const findWebhook = (
  db: D1Database,
  organizationId: string,
  workflowId: string,
  id: string,
): Promise<WebhookRow | undefined> =>
  orm(db)
    .select()
    .from(webhooks)
    .where(one(organizationId, workflowId, id))
    .get();

/** Newest first. */
export const listWebhooks = async (
  db: D1Database,
  organizationId: string,
  workflowId: string,
  page: { limit: number; offset: number },
): Promise<{ rows: WebhookRow[]; total: number }> => {
  const wanted = ofWorkflow(organizationId, workflowId);
  const [rows, totals] = await orm(db).batch([
    orm(db).select().from(webhooks).where(wanted).orderBy(desc(webhooks.id)).limit(page.limit).offset(page.offset),
    orm(db).select({ n: count() }).from(webhooks).where(wanted),
  ]);
  return { rows, total: totals[0]!.n };
};

export const insertWebhook = (db: D1Database, row: WebhookRow): D1PreparedStatement =>
  statementOf(db, orm(db).insert(webhooks).values(row));

/** Fails its batch when the workflow has more than `max` webhooks by now: the column takes no null. */
export const refuseMoreWebhooks = (
  db: D1Database,
  { organizationId, workflowId, id }: Pick<WebhookRow, "organizationId" | "workflowId" | "id">,
  max: number,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE webhooks SET token = NULL WHERE org_id = ?1 AND id = ?2
        AND (SELECT count(*) FROM webhooks WHERE org_id = ?1 AND workflow_id = ?3) > ?4`,
    )
    .bind(organizationId, id, workflowId, max);

/** True when `refuseMoreWebhooks` failed the batch. */
export const isTooManyWebhooks = (error: unknown): boolean =>
  wasAborted(error, "NOT NULL constraint failed: webhooks.token");

export const updateWebhook = (
  db: D1Database,
  row: Pick<WebhookRow, "organizationId" | "workflowId" | "id">,
  change: Partial<WebhookRow>,
): D1PreparedStatement =>
  statementOf(
    db,
    orm(db)
      .update(webhooks)
      .set(change)
      .where(one(row.organizationId, row.workflowId, row.id)),
  );

export const deleteWebhook = (
  db: D1Database,
  row: Pick<WebhookRow, "organizationId" | "workflowId" | "id">,
): D1PreparedStatement =>
  statementOf(
    db,
    orm(db)
      .delete(webhooks)
      .where(one(row.organizationId, row.workflowId, row.id)),
  );

const WITH_WORKFLOW = `SELECT w.org_id AS organizationId, w.id, w.workflow_id AS workflowId, w.name, w.description, w.token,
    w.secret_sealed AS secretSealed, w.enabled, w.require_signature AS requireSignature, w.signature_scheme AS signatureScheme,
    w.ip_allowlist AS ipAllowlist, w.rate_limit_max AS rateLimitMax, w.rate_limit_window AS rateLimitWindow,
    w.created_at AS createdAt, w.last_triggered_at AS lastTriggeredAt, w.trigger_count AS triggerCount, w.door, w.trigger_id AS triggerId,
    w.previous_secret_sealed AS previousSecretSealed, w.previous_secret_until AS previousSecretUntil, w.allowed_origins AS allowedOrigins,
    w.filters, w.transform, w.counts, w.updated_at AS updatedAt,
    w.workflow_id = '' OR coalesce(f.status = 'active', 0) AS workflowActive,
    (SELECT json_group_array(node.key) FROM json_each(v.definition, '$.nodes') AS node
      WHERE node.value ->> 'type' = 'trigger_webhook') AS nodeIds
  FROM webhooks w
  LEFT JOIN workflows f ON f.org_id = w.org_id AND f.id = w.workflow_id
  LEFT JOIN workflow_versions v ON v.org_id = f.org_id AND v.id = f.published_version_id`;

type Texts = "ipAllowlist" | "allowedOrigins" | "filters" | "transform" | "counts" | "nodeIds";
type Raw = Omit<WebhookWithWorkflow, "enabled" | "requireSignature" | "workflowActive" | Texts> & {
  enabled: number;
  requireSignature: number;
  ipAllowlist: string;
  allowedOrigins: string;
  filters: string | null;
  transform: string | null;
  counts: string | null;
  workflowActive: number;
  nodeIds: string | null;
};

const jsonOf = (text: string | null): Json => (text === null ? null : (JSON.parse(text) as Json));

const read = (raw: Raw): WebhookWithWorkflow => ({
  ...raw,
  enabled: raw.enabled === 1,
  requireSignature: raw.requireSignature === 1,
  ipAllowlist: JSON.parse(raw.ipAllowlist) as string[],
  allowedOrigins: JSON.parse(raw.allowedOrigins) as string[],
  filters: jsonOf(raw.filters),
  transform: jsonOf(raw.transform),
  counts: jsonOf(raw.counts),
  workflowActive: raw.workflowActive === 1,
  nodeIds: JSON.parse(raw.nodeIds ?? "[]") as string[],
});

/** Of any organisation: the token is all that a public call brings. One whose workflow was deleted is unknown. */
export const findWebhookByToken = async (db: D1Database, token: string): Promise<WebhookWithWorkflow | undefined> => {
  const raw = await db
    .prepare(`${WITH_WORKFLOW} WHERE w.token = ?1 AND (w.workflow_id = '' OR f.id IS NOT NULL)`)
    .bind(token)
    .first<Raw>();
  return raw ? read(raw) : undefined;
};

/** The organisation's endpoints: their objects know who subscribes. */
export const findEndpointsWithWorkflow = async (
  db: D1Database,
  organizationId: string,
): Promise<WebhookWithWorkflow[]> => {
  const { results } = await db
    .prepare(`${WITH_WORKFLOW} WHERE w.org_id = ?1 AND w.door = 'enhanced'`)
    .bind(organizationId)
    .all<Raw>();
  return results.map(read);
};

export const findWebhooksWithWorkflow = async (
  db: D1Database,
  organizationId: string,
  workflowId: string,
  webhookId?: string,
): Promise<WebhookWithWorkflow[]> => {
  const { results } = await db
    .prepare(
      `${WITH_WORKFLOW} WHERE w.org_id = ?1 AND likelihood(w.workflow_id = ?2, ${FEW}) AND (?3 IS NULL OR w.id = ?3)`,
    )
    .bind(organizationId, workflowId, webhookId ?? null)
    .all<Raw>();
  return results.map(read);
};
