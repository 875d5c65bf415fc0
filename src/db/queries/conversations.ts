// Conversations: one a contact and channel.
import { FEW } from "../d1.ts";

export type ConversationRow = {
  organizationId: string;
  id: string;
  contactId: string;
  channel: string;
  status: "open" | "pending" | "closed";
};

const COLUMNS = "org_id AS organizationId, id, contact_id AS contactId, channel, status";

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

/** Made where missing; a message from the person opens a closed one again. */
export const openConversations = (
  db: D1Database,
  rows: readonly { organizationId: string; id: string; contactId: string; channel: string; at: number }[],
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO conversations (org_id, id, contact_id, channel, created_at, updated_at)
       SELECT value ->> 'organizationId', value ->> 'id', value ->> 'contactId', value ->> 'channel', value ->> 'at', value ->> 'at'
       FROM json_each(?1) WHERE true
       ON CONFLICT DO UPDATE SET status = 'open', updated_at = excluded.updated_at WHERE excluded.updated_at > conversations.updated_at`,
    )
    .bind(JSON.stringify(rows));

/** Made where missing, for a message of ours that has its row; answers a row, `id`, only when it was. */
export const insertConversation = (
  db: D1Database,
  row: { organizationId: string; id: string; contactId: string; channel: string; messageId: string; at: number },
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT OR IGNORE INTO conversations (org_id, id, contact_id, channel, created_at, updated_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?5 FROM messages WHERE org_id = ?1 AND id = ?6 RETURNING id`,
    )
    .bind(row.organizationId, row.id, row.contactId, row.channel, row.at, row.messageId);

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
