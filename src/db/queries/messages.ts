// Messages in and out. What may be sent is domain/message; here is only how rows come, change and are found.
import { FEW } from "../d1.ts";

export type MessageRow = {
  organizationId: string;
  id: string;
  contactId: string;
  conversationId: string | null;
  direction: "inbound" | "outbound";
  channel: string;
  channelId: string | null;
  sender: string;
  recipient: string;
  body: string;
  /** JSON (domain/message/content.ts). */
  content: string | null;
  status: string;
  providerId: string | null;
  executionId: string | null;
  campaignId: string | null;
  stepKey: string | null;
  consentEpoch: number | null;
  /** JSON of a GateReport. */
  gates: string | null;
  holdUntil: number | null;
  segments: number | null;
  errorCode: string | null;
  errorName: string | null;
  error: string | null;
  /** JSON. */
  conflict: string | null;
  createdAt: number;
  updatedAt: number;
  sentAt: number | null;
  deliveredAt: number | null;
};

export const MESSAGE_COLUMNS = `org_id AS organizationId, id, contact_id AS contactId, conversation_id AS conversationId, direction, channel,
  channel_id AS channelId, sender, recipient, body, content, status, provider_id AS providerId, execution_id AS executionId,
  campaign_id AS campaignId, step_key AS stepKey, consent_epoch AS consentEpoch, gates, hold_until AS holdUntil, segments,
  error_code AS errorCode, error_name AS errorName, error, conflict, created_at AS createdAt, updated_at AS updatedAt, sent_at AS sentAt,
  delivered_at AS deliveredAt`;

/** Whose message it is, by which way it goes or came, and its text. */
export type AddressedMessage = {
  id: string;
  contactId: string;
  conversationId: string;
  channel: string;
  channelId: string | null;
  sender: string;
  recipient: string;
  body: string;
};

/** What people wrote to us, as MESSAGE_RECEIVED says it. */
export const insertReceived = (
  db: D1Database,
  rows: readonly (AddressedMessage & {
    organizationId: string;
    content: unknown;
    providerId: string;
    /** What it says about consent, when it does. */
    consent: string | null;
    at: number;
  })[],
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT OR IGNORE INTO messages (org_id, id, contact_id, conversation_id, direction, channel, channel_id, sender, recipient, body, content,
         status, provider_id, consent, created_at, updated_at)
       SELECT value ->> 'organizationId', value ->> 'id', value ->> 'contactId', value ->> 'conversationId', 'inbound', value ->> 'channel',
         value ->> 'channelId', value ->> 'sender', value ->> 'recipient', value ->> 'body',
         CASE json_type(value, '$.content') WHEN 'null' THEN NULL ELSE value -> 'content' END, 'received', value ->> 'providerId',
         value ->> 'consent', value ->> 'at', value ->> 'at'
       FROM json_each(?1)`,
    )
    .bind(JSON.stringify(rows));

export const selectMessageOfStep = (db: D1Database, organizationId: string, stepKey: string): D1PreparedStatement =>
  db
    .prepare(`SELECT ${MESSAGE_COLUMNS} FROM messages WHERE org_id = ?1 AND step_key = ?2`)
    .bind(organizationId, stepKey);

export type StatusReport = {
  organizationId: string;
  /** Ours; else the provider's id finds the message. */
  id: string | null;
  providerId: string | null;
  status: string;
  errorCode: string | null;
  errorName?: string | null;
  error: string | null;
  /** SMS that the provider has counted. */
  segments?: number;
  at: number;
};

const rankIn = (status: string): string => `coalesce((SELECT rank FROM ranked r WHERE r.status = ${status}), -1)`;
const PROOF = "('delivered', 'read')";
const FAILURE = "('failed', 'undelivered', 'canceled')";
/** One says that it arrived, the other that it failed. */
const CONTRADICTS = `f.status IN ${PROOF} AND messages.status IN ${FAILURE} OR f.status IN ${FAILURE} AND messages.status IN ${PROOF}`;
/** What a report says of an error; without one it ends the doubt of a message that was only written, and what it was blamed for before it arrived. */
const errorPart = (part: string, column: string): string =>
  `CASE WHEN f.${part} IS NOT NULL AND f.rank >= ${rankIn("messages.status")} THEN f.${part}
     WHEN messages.provider_id IS NULL OR f.status IN ${PROOF} THEN NULL ELSE messages.${column} END`;

/**
 * Raises statuses along `order` (channels/status.ts); none ever goes back, whatever comes late, twice or in another order.
 * Of several reports for one message in one call only one is sure to be taken: call it with one a message. The first report is proof that the
 * message left, so it ends the doubt (UNKNOWN_OUTCOME) that a row without a provider's id may hold. What loses against a contradicting status
 * is kept as `conflict`.
 */
export const raiseStatuses = (
  db: D1Database,
  order: readonly string[],
  reports: readonly StatusReport[],
): D1PreparedStatement =>
  db
    .prepare(
      `WITH ranked AS (SELECT key AS rank, value AS status FROM json_each(?2)),
       told AS (
         SELECT t.value ->> 'organizationId' AS org, t.value ->> 'id' AS id, t.value ->> 'providerId' AS provider, t.value ->> 'status' AS status,
           ${rankIn("t.value ->> 'status'")} AS rank, t.value ->> 'errorCode' AS code, t.value ->> 'errorName' AS name,
           t.value ->> 'error' AS error, t.value ->> 'segments' AS segments, t.value ->> 'at' AS at FROM json_each(?1) AS t),
       found AS MATERIALIZED (
         SELECT m.org_id AS owner, m.id AS message, t.* FROM told t
           CROSS JOIN messages m ON m.org_id = t.org AND m.id = t.id WHERE t.id IS NOT NULL
         UNION ALL
         SELECT m.org_id, m.id, t.* FROM told t
           CROSS JOIN messages m ON m.provider_id = t.provider AND m.org_id = t.org WHERE t.id IS NULL)
       UPDATE messages SET
         status = CASE WHEN f.rank > ${rankIn("messages.status")} THEN f.status ELSE messages.status END,
         provider_id = coalesce(messages.provider_id, f.provider),
         error_code = ${errorPart("code", "error_code")},
         error_name = ${errorPart("name", "error_name")},
         error = ${errorPart("error", "error")},
         conflict = CASE WHEN ${CONTRADICTS} THEN
             CASE WHEN f.status IN ${PROOF} THEN json_object('status', messages.status, 'error_code', messages.error_code, 'at', messages.updated_at)
               ELSE json_object('status', f.status, 'error_code', f.code, 'at', f.at) END
           ELSE messages.conflict END,
         segments = coalesce(f.segments, messages.segments),
         hold_until = NULL,
         sent_at = coalesce(sent_at, CASE WHEN f.status IN ('accepted', 'queued', 'sending', 'sent', 'delivered', 'read') THEN f.at END),
         delivered_at = coalesce(delivered_at, CASE WHEN f.status IN ${PROOF} THEN f.at END),
         updated_at = max(updated_at, f.at)
       FROM found f
       WHERE messages.org_id = f.owner AND messages.id = f.message AND messages.direction = 'outbound'`,
    )
    .bind(JSON.stringify(reports), JSON.stringify(order));

/**
 * Marks a message that was surely not sent, or whose outcome nobody knows: then it stays `scheduled` and says so, and `updatedAt` stays the time
 * of the attempt, by which it is looked up.
 */
export const markUnsent = (
  db: D1Database,
  of: {
    organizationId: string;
    id: string;
    status: "failed" | "scheduled";
    errorCode: string;
    errorName?: string;
    error: string;
    at: number;
  },
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE messages SET status = ?3, error_code = ?4, error_name = ?7, error = ?5,
         updated_at = CASE ?3 WHEN 'failed' THEN ?6 ELSE updated_at END
       WHERE org_id = ?1 AND id = ?2 AND status = 'scheduled' AND provider_id IS NULL`,
    )
    .bind(of.organizationId, of.id, of.status, of.errorCode, of.error, of.at, of.errorName ?? null);

/** Provider ids that belong to messages to this recipient already. */
export const findClaimedIds = async (
  db: D1Database,
  organizationId: string,
  contactId: string,
  since: number,
): Promise<string[]> => {
  const { results } = await db
    .prepare(
      `SELECT provider_id AS id FROM messages
       WHERE org_id = ?1 AND likelihood(contact_id = ?2, ${FEW}) AND provider_id IS NOT NULL AND updated_at >= ?3 LIMIT 1000`,
    )
    .bind(organizationId, contactId, since)
    .all<{ id: string }>();
  return results.map((row) => row.id);
};
