// Messages in and out. What may be sent is domain/message; here is only how rows come, change and are found.
import { FEW } from "../d1.ts";

export type MessageRow = {
  organizationId: string;
  id: string;
  contactId: string;
  conversationId: string | null;
  channel: string;
  sender: string;
  recipient: string;
  body: string;
  status: string;
  providerId: string | null;
  stepKey: string | null;
  errorCode: string | null;
  error: string | null;
  createdAt: number;
  updatedAt: number;
};

const COLUMNS = `org_id AS organizationId, id, contact_id AS contactId, conversation_id AS conversationId, channel, sender, recipient, body,
  status, provider_id AS providerId, step_key AS stepKey, error_code AS errorCode, error, created_at AS createdAt, updated_at AS updatedAt`;

/** What people wrote to us, as MESSAGE_RECEIVED says it. */
export const insertReceived = (
  db: D1Database,
  rows: readonly {
    organizationId: string;
    id: string;
    contactId: string;
    conversationId: string;
    channel: string;
    sender: string;
    recipient: string;
    body: string;
    content: unknown;
    providerId: string;
    /** What it says about consent, when it does. */
    consent: string | null;
    at: number;
  }[],
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT OR IGNORE INTO messages (org_id, id, contact_id, conversation_id, direction, channel, sender, recipient, body, content, status,
         provider_id, consent, created_at, updated_at)
       SELECT value ->> 'organizationId', value ->> 'id', value ->> 'contactId', value ->> 'conversationId', 'inbound', value ->> 'channel',
         value ->> 'sender', value ->> 'recipient', value ->> 'body',
         CASE json_type(value, '$.content') WHEN 'null' THEN NULL ELSE value -> 'content' END, 'received', value ->> 'providerId',
         value ->> 'consent', value ->> 'at', value ->> 'at'
       FROM json_each(?1)`,
    )
    .bind(JSON.stringify(rows));

export const selectMessageOfStep = (db: D1Database, organizationId: string, stepKey: string): D1PreparedStatement =>
  db.prepare(`SELECT ${COLUMNS} FROM messages WHERE org_id = ?1 AND step_key = ?2`).bind(organizationId, stepKey);

export type NewMessage = {
  organizationId: string;
  id: string;
  contactId: string;
  conversationId: string;
  channel: string;
  sender: string;
  recipient: string;
  body: string;
  executionId: string;
  stepKey: string;
  at: number;
};

const MAY_BE_SENT = `EXISTS (SELECT 1 FROM contacts c WHERE c.org_id = ?1 AND c.id = ?2
  AND (c.consent_state IS NULL OR c.consent_state NOT IN ('OPT_OUT', 'STOP')))`;

/**
 * The row of a message that is about to be sent, only while the contact has not withdrawn consent: one statement, so that nothing comes between.
 * Answers `id` when it was written.
 */
export const insertOutbound = (db: D1Database, message: NewMessage): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO messages (org_id, id, contact_id, conversation_id, direction, channel, sender, recipient, body, status, execution_id,
         step_key, created_at, updated_at)
       SELECT ?1, ?3, ?2, ?4, 'outbound', ?5, ?6, ?7, ?8, 'scheduled', ?9, ?10, ?11, ?11 WHERE ${MAY_BE_SENT}
       ON CONFLICT DO NOTHING RETURNING id`,
    )
    .bind(
      message.organizationId,
      message.contactId,
      message.id,
      message.conversationId,
      message.channel,
      message.sender,
      message.recipient,
      message.body,
      message.executionId,
      message.stepKey,
      message.at,
    );

/** Takes a message up again that was surely not sent. Answers `id` when it may. */
export const reopenOutbound = (
  db: D1Database,
  message: { organizationId: string; contactId: string; id: string; at: number },
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE messages SET status = 'scheduled', error_code = NULL, error = NULL, updated_at = ?4
       WHERE org_id = ?1 AND id = ?3 AND status = 'failed' AND provider_id IS NULL AND ${MAY_BE_SENT} RETURNING id`,
    )
    .bind(message.organizationId, message.contactId, message.id, message.at);

export type StatusReport = {
  organizationId: string;
  /** Ours; else the provider's id finds the message. */
  id: string | null;
  providerId: string | null;
  status: string;
  errorCode: string | null;
  error: string | null;
  at: number;
};

/**
 * Raises statuses along `order` (channels/status.ts); none ever goes back, whatever comes late, twice or in another order.
 * Of several reports for one message in one call only one is sure to be taken: call it with one a message. The first report is proof that the
 * message left, so it ends the doubt (UNKNOWN_OUTCOME) that a row without a provider's id may hold.
 */
export const raiseStatuses = (
  db: D1Database,
  order: readonly string[],
  reports: readonly StatusReport[],
): D1PreparedStatement =>
  db
    .prepare(
      `WITH told AS (
         SELECT value ->> 'organizationId' AS org, value ->> 'id' AS id, value ->> 'providerId' AS provider, value ->> 'status' AS status,
           value ->> 'errorCode' AS code, value ->> 'error' AS error, value ->> 'at' AS at FROM json_each(?1)),
       ranked AS (SELECT key AS rank, value AS status FROM json_each(?2)),
       found AS MATERIALIZED (
         SELECT m.org_id AS org, m.id AS id, t.provider, t.status, t.code, t.error, t.at FROM told t
           CROSS JOIN messages m ON m.org_id = t.org AND m.id = t.id WHERE t.id IS NOT NULL
         UNION ALL
         SELECT m.org_id, m.id, t.provider, t.status, t.code, t.error, t.at FROM told t
           CROSS JOIN messages m ON m.provider_id = t.provider AND m.org_id = t.org WHERE t.id IS NULL)
       UPDATE messages SET
         status = CASE WHEN (SELECT rank FROM ranked r WHERE r.status = f.status) >
             coalesce((SELECT rank FROM ranked r WHERE r.status = messages.status), -1) THEN f.status ELSE messages.status END,
         provider_id = coalesce(messages.provider_id, f.provider),
         error_code = coalesce(f.code, CASE WHEN messages.provider_id IS NULL OR f.status IN ('delivered', 'read') THEN NULL ELSE messages.error_code END),
         error = coalesce(f.error, CASE WHEN messages.provider_id IS NULL OR f.status IN ('delivered', 'read') THEN NULL ELSE messages.error END),
         sent_at = coalesce(sent_at, CASE WHEN f.status IN ('accepted', 'queued', 'sending', 'sent', 'delivered', 'read') THEN f.at END),
         delivered_at = coalesce(delivered_at, CASE WHEN f.status IN ('delivered', 'read') THEN f.at END),
         updated_at = max(updated_at, f.at)
       FROM found f
       WHERE messages.org_id = f.org AND messages.id = f.id AND messages.direction = 'outbound'`,
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
    error: string;
    at: number;
  },
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE messages SET status = ?3, error_code = ?4, error = ?5, updated_at = CASE ?3 WHEN 'failed' THEN ?6 ELSE updated_at END
       WHERE org_id = ?1 AND id = ?2 AND status = 'scheduled' AND provider_id IS NULL`,
    )
    .bind(of.organizationId, of.id, of.status, of.errorCode, of.error, of.at);

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
