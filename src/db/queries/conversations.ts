// Conversations: one a contact and channel.
import { FEW } from "../d1.ts";

export type ConversationRow = {
  organizationId: string;
  id: string;
  contactId: string;
  channel: string;
  channelId: string | null;
  status: "open" | "pending" | "closed";
};

const COLUMNS = "org_id AS organizationId, id, contact_id AS contactId, channel, channel_id AS channelId, status";

export const selectConversation = (db: D1Database, organizationId: string, id: string): D1PreparedStatement =>
  db.prepare(`SELECT ${COLUMNS} FROM conversations WHERE org_id = ?1 AND id = ?2`).bind(organizationId, id);

/** The one that moved last. */
export const selectLatestConversation = (
  db: D1Database,
  organizationId: string,
  contactId: string,
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT ${COLUMNS} FROM conversations WHERE org_id = ?1 AND likelihood(contact_id = ?2, ${FEW})
       ORDER BY updated_at DESC, id DESC LIMIT 1`,
    )
    .bind(organizationId, contactId);

/** Made where missing; a message from the person opens a closed one again, and the window of those channels that have one. */
export const openConversations = (
  db: D1Database,
  rows: readonly {
    organizationId: string;
    id: string;
    contactId: string;
    channel: string;
    channelId: string | null;
    at: number;
  }[],
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO conversations (org_id, id, contact_id, channel, channel_id, last_inbound_at, created_at, updated_at)
       SELECT value ->> 'organizationId', value ->> 'id', value ->> 'contactId', value ->> 'channel', value ->> 'channelId', value ->> 'at',
         value ->> 'at', value ->> 'at'
       FROM json_each(?1) WHERE true
       ON CONFLICT DO UPDATE SET
         status = CASE WHEN excluded.updated_at > conversations.updated_at THEN 'open' ELSE conversations.status END,
         last_inbound_at = max(coalesce(conversations.last_inbound_at, 0), excluded.last_inbound_at),
         updated_at = max(conversations.updated_at, excluded.updated_at)
       WHERE excluded.last_inbound_at > coalesce(conversations.last_inbound_at, 0)`,
    )
    .bind(JSON.stringify(rows));

export type NewConversation = {
  organizationId: string;
  id: string;
  contactId: string;
  channel: string;
  channelId: string | null;
  /** Of the message of ours that begins it. */
  stepKey: string;
};

/** A message of ours that has its row and leaves next. */
const LEAVING = `EXISTS (SELECT 1 FROM messages m WHERE m.org_id = q.value ->> 'organizationId' AND m.step_key = q.value ->> 'stepKey'
  AND m.status = 'scheduled' AND m.hold_until IS NULL)`;

/** In `insertUntoldIf`, before `insertConversation`: whether the latter will make one. */
export const WILL_BEGIN = `${LEAVING} AND NOT EXISTS (SELECT 1 FROM conversations v
  WHERE v.org_id = q.value ->> 'organizationId' AND v.id = q.value ->> 'conversationId')`;

/** Made where missing, for messages of ours that leave next. */
export const insertConversations = (
  db: D1Database,
  rows: readonly NewConversation[],
  at: number,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT OR IGNORE INTO conversations (org_id, id, contact_id, channel, channel_id, created_at, updated_at)
       SELECT q.value ->> 'organizationId', q.value ->> 'id', q.value ->> 'contactId', q.value ->> 'channel', q.value ->> 'channelId', ?2, ?2
       FROM json_each(?1) AS q WHERE ${LEAVING}`,
    )
    .bind(JSON.stringify(rows), at);

export const setConversationStatus = (
  db: D1Database,
  organizationId: string,
  id: string,
  status: ConversationRow["status"],
  at: number,
): D1PreparedStatement =>
  db
    .prepare("UPDATE conversations SET status = ?3, updated_at = ?4 WHERE org_id = ?1 AND id = ?2 AND status <> ?3")
    .bind(organizationId, id, status, at);
