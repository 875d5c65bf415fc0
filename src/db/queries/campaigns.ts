// Campaigns of an organisation, with the names of what they are made of and the counts of what they sent.
import { and, eq } from "drizzle-orm";
import { orm, statementOf } from "../d1.ts";
import { campaigns } from "../schema.ts";

export type CampaignRow = typeof campaigns.$inferSelect;
export type CampaignStatus = CampaignRow["status"];

/** `template`, `segment`: null once they are deleted. Counts are of message rows. */
export type CampaignWithCounts = CampaignRow & {
  template: { id: string; name: string; content: string } | null;
  segment: { id: string; name: string } | null;
  /** Accepted by the provider, whatever came later. */
  sent: number;
  /** Failed, undelivered. */
  failed: number;
  /** Nobody knows whether they left. */
  unknown: number;
};

const COLUMNS = `c.org_id AS organizationId, c.id, c.name, c.description, c.status, c.template_id AS templateId, c.segment_id AS segmentId,
  c.channel, c.schedule_time AS scheduleTime, c.rate, c.quiet_start AS quietStart, c.quiet_end AS quietEnd, c.on_unknown AS onUnknown,
  c.recipients, c.error, c.created_by AS createdBy, c.created_at AS createdAt, c.updated_at AS updatedAt, c.started_at AS startedAt,
  c.ended_at AS endedAt, c.next_wake_at AS nextWakeAt`;

/** Those that are there and those that are gone. */
const allOf = (status: string): string => `coalesce(r.counts ->> '${status}', 0) + coalesce(r.gone ->> '${status}', 0)`;

/** From the campaign's rollup of all time (`r`): one row, however many messages it made. */
const COUNTS = `coalesce(r.sent, 0) AS sent, ${allOf("failed")} + ${allOf("undelivered")} AS failed, ${allOf("unknown")} AS unknown`;

const WITH_COUNTS = `SELECT ${COLUMNS}, ${COUNTS},
    CASE WHEN t.id IS NOT NULL THEN json_object('id', t.id, 'name', t.name, 'content', t.content) END AS template,
    CASE WHEN s.id IS NOT NULL THEN json_object('id', s.id, 'name', s.name) END AS segment
  FROM campaigns c
  LEFT JOIN message_rollups r ON r.org_id = c.org_id AND r.campaign_id = c.id AND r.span = 0 AND r.start = 0
  LEFT JOIN templates t ON t.org_id = c.org_id AND t.id = c.template_id
  LEFT JOIN segments s ON s.org_id = c.org_id AND s.id = c.segment_id`;

type Raw = Omit<CampaignWithCounts, "template" | "segment"> & { template: string | null; segment: string | null };
const read = ({ template, segment, ...row }: Raw): CampaignWithCounts => ({
  ...row,
  template: template === null ? null : JSON.parse(template),
  segment: segment === null ? null : JSON.parse(segment),
});

export const findCampaign = async (
  db: D1Database,
  organizationId: string,
  id: string,
): Promise<CampaignWithCounts | undefined> => {
  const raw = await db
    .prepare(`${WITH_COUNTS} WHERE c.org_id = ?1 AND c.id = ?2`)
    .bind(organizationId, id)
    .first<Raw>();
  return raw ? read(raw) : undefined;
};

/** Newest first. */
export const listCampaigns = async (
  db: D1Database,
  organizationId: string,
  status: CampaignStatus | undefined,
  page: { limit: number; offset: number },
): Promise<{ rows: CampaignWithCounts[]; total: number }> => {
  const wanted = `c.org_id = ?1${status === undefined ? "" : " AND c.status = ?2"}`;
  const values = status === undefined ? [organizationId] : [organizationId, status];
  const [rows, totals] = await db.batch([
    db
      .prepare(`${WITH_COUNTS} WHERE ${wanted} ORDER BY c.id DESC LIMIT ${page.limit} OFFSET ${page.offset}`)
      .bind(...values),
    db.prepare(`SELECT count(*) AS n FROM campaigns c WHERE ${wanted}`).bind(...values),
  ]);
  return { rows: (rows!.results as Raw[]).map(read), total: (totals!.results[0] as { n: number }).n };
};

/** The row alone, as its object needs it. */
export const selectCampaign = (db: D1Database, organizationId: string, id: string): D1PreparedStatement =>
  db.prepare(`SELECT ${COLUMNS} FROM campaigns c WHERE c.org_id = ?1 AND c.id = ?2`).bind(organizationId, id);

export const insertCampaign = (db: D1Database, row: CampaignRow): D1PreparedStatement =>
  statementOf(db, orm(db).insert(campaigns).values(row));

/** That the campaign has one of these states. */
export const campaignIs = (organizationId: string, id: string, from: readonly CampaignStatus[]) => ({
  where:
    "EXISTS (SELECT 1 FROM campaigns WHERE org_id = ?1 AND id = ?2 AND status IN (SELECT value FROM json_each(?3)))",
  values: [organizationId, id, JSON.stringify(from)],
});

/** Only while the campaign has one of these states; answers the row's `id` when it had. */
export const changeCampaign = (
  db: D1Database,
  organizationId: string,
  id: string,
  from: readonly CampaignStatus[],
  change: Partial<CampaignRow>,
): D1PreparedStatement => {
  const { sql, params } = orm(db)
    .update(campaigns)
    .set(change)
    .where(and(eq(campaigns.organizationId, organizationId), eq(campaigns.id, id)))
    .toSQL();
  return db
    .prepare(`${sql} AND status IN (SELECT value FROM json_each(?)) RETURNING id`)
    .bind(...params, JSON.stringify(from));
};

/** Only while it has one of these states. Its messages stay. */
export const deleteCampaign = (
  db: D1Database,
  organizationId: string,
  id: string,
  from: readonly CampaignStatus[],
): D1PreparedStatement =>
  db
    .prepare(
      "DELETE FROM campaigns WHERE org_id = ?1 AND id = ?2 AND status IN (SELECT value FROM json_each(?3)) RETURNING id",
    )
    .bind(organizationId, id, JSON.stringify(from));

/** A campaign that has not ended and needs this template or segment. */
export const findCampaignUsing = async (
  db: D1Database,
  organizationId: string,
  used: { templateId: string } | { segmentId: string },
): Promise<{ id: string; name: string } | undefined> => {
  const [column, id] = "templateId" in used ? ["template_id", used.templateId] : ["segment_id", used.segmentId];
  const found = await db
    .prepare(
      `SELECT id, name FROM campaigns WHERE org_id = ?1 AND status IN ('draft', 'scheduled', 'running', 'paused') AND ${column} = ?2 LIMIT 1`,
    )
    .bind(organizationId, id)
    .first<{ id: string; name: string }>();
  return found ?? undefined;
};
