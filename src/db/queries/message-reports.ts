// What reports read of messages: their rollups, and pages of their rows. What the figures mean is domain/reporting.

/** Messages by status; `unknown`: those of which nobody knows whether they left (migrations/0015). */
export type StatusCounts = { [status: string]: number };

/** Part of a time that rollups cover: those that start in `from`..`to` (epoch ms, `to` left out). `span`: see schema/message-rollups.ts. */
export type Slice = { span: 0 | 1 | 24; from: number; to: number };

const IS_UNKNOWN = "m.status = 'scheduled' AND m.error_code IS 'UNKNOWN_OUTCOME'";
const COUNTS_AS = `CASE WHEN ${IS_UNKNOWN} THEN 'unknown' ELSE m.status END`;

/** That a message counts as what is `?6`. */
const countsAs = (status: string): string => {
  if (status === "unknown") return `AND ?6 = 'unknown' AND ${IS_UNKNOWN}`;
  return status === "scheduled" ? "AND m.status = ?6 AND m.error_code IS NOT 'UNKNOWN_OUTCOME'" : "AND m.status = ?6";
};

/** All time of a campaign. */
export const ALL_TIME: Slice = { span: 0, from: 0, to: 1 };

export type Rollup = {
  span: 0 | 1 | 24;
  start: number;
  counts: StatusCounts;
  gone: StatusCounts;
  sent: number;
  sentGone: number;
  timed: number;
  timedMs: number;
};

/** `campaignId` "": all messages to people. In no order. */
export const selectRollups = (
  db: D1Database,
  organizationId: string,
  campaignId: string,
  slices: readonly Slice[],
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT r.span, r.start, r.counts, r.gone, r.sent, r.sent_gone AS sentGone, r.timed, r.timed_ms AS timedMs
       FROM json_each(?3) AS q CROSS JOIN message_rollups r
         ON r.org_id = ?1 AND r.campaign_id = ?2 AND r.span = q.value ->> 'span' AND r.start >= q.value ->> 'from' AND r.start < q.value ->> 'to'`,
    )
    .bind(organizationId, campaignId, JSON.stringify(slices));

type RawRollup = Omit<Rollup, "counts" | "gone"> & { counts: string; gone: string };

export const rollupsOf = ({ results }: D1Result): Rollup[] =>
  (results as RawRollup[]).map((row) => ({ ...row, counts: JSON.parse(row.counts), gone: JSON.parse(row.gone) }));

export type Counted = { status: string; n: number; sent: number };

/** Rows of a time that no rollup covers, by status. Reads as many as there are. */
export const selectCounts = (
  db: D1Database,
  organizationId: string,
  campaignId: string,
  { from, to }: { from: number; to: number },
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT ${COUNTS_AS} AS status, count(*) AS n, sum(m.sent_at IS NOT NULL) AS sent FROM messages m
       WHERE m.org_id = ?1 AND ${campaignId === "" ? "m.direction = 'outbound' AND ?2 = ''" : "m.campaign_id = ?2"}
         AND m.created_at >= ?3 AND m.created_at < ?4 GROUP BY 1`,
    )
    .bind(organizationId, campaignId, from, to);

export type MessageReportRow = {
  id: string;
  /** The number that it went to, or the contact's where it went elsewhere. */
  phone: string;
  campaignId: string | null;
  campaignName: string | null;
  channel: string;
  status: string;
  createdAt: number;
  sentAt: number | null;
  deliveredAt: number | null;
  /** The gate that holds it back, or has suppressed it. */
  heldBy: string | null;
  holdUntil: number | null;
  errorCode: string | null;
  errorName: string | null;
  error: string | null;
};

/** Where a page begins: after this message, which may be none (`id` ""): before this time. */
export type After = { at: number; id: string };

/** Newest first. */
export const listReported = async (
  db: D1Database,
  organizationId: string,
  filter: { campaignId?: string | undefined; status?: string | undefined; from: number; after: After },
  page: { limit: number; offset: number },
): Promise<MessageReportRow[]> => {
  const { campaignId, status, from, after } = filter;
  const { results } = await db
    .prepare(
      `SELECT m.id, CASE WHEN m.recipient LIKE '+%' THEN m.recipient
           ELSE coalesce((SELECT phone FROM contacts c WHERE c.org_id = m.org_id AND c.id = m.contact_id), m.recipient) END AS phone,
         m.campaign_id AS campaignId,
         (SELECT name FROM campaigns c WHERE c.org_id = m.org_id AND c.id = m.campaign_id) AS campaignName,
         m.channel, ${COUNTS_AS} AS status, m.created_at AS createdAt, m.sent_at AS sentAt, m.delivered_at AS deliveredAt, m.gates ->> 'failed' AS heldBy, m.hold_until AS holdUntil,
         m.error_code AS errorCode, m.error_name AS errorName, m.error
       FROM messages m
       WHERE m.org_id = ?1 AND m.created_at >= ?2 AND (m.created_at, m.id) < (?3, ?4)
         AND ${campaignId === undefined ? "m.direction = 'outbound'" : "m.campaign_id = ?5"} ${status === undefined ? "" : countsAs(status)}
       ORDER BY m.created_at DESC, m.id DESC LIMIT ${page.limit} OFFSET ${page.offset}`,
    )
    .bind(
      organizationId,
      from,
      after.at,
      after.id,
      ...(status === undefined ? (campaignId === undefined ? [] : [campaignId]) : [campaignId ?? null, status]),
    )
    .all<MessageReportRow>();
  return results;
};

export type ErrorCount = { code: string; name: string | null; n: number; lastAt: number };

/** Why messages failed, most frequent first; of a campaign, or those of all that count in hours from `since` on (`campaignId` ""). */
export const selectErrors = (
  db: D1Database,
  organizationId: string,
  campaignId: string,
  since = 0,
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT code, max(name) AS name, sum(n) AS n, max(last_at) AS lastAt FROM message_errors
       WHERE org_id = ?1 AND campaign_id = ?2 AND hour >= ?3 GROUP BY code HAVING sum(n) > 0 ORDER BY n DESC, code`,
    )
    .bind(organizationId, campaignId, since);
