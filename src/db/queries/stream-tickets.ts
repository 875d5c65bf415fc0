// Tickets to live streams: written once, taken away by their use.
import { orm, statementOf } from "../d1.ts";
import { streamTickets } from "../schema.ts";

export type StreamTicketRow = typeof streamTickets.$inferSelect;

export const insertTicket = (db: D1Database, row: StreamTicketRow): D1PreparedStatement =>
  statementOf(db, orm(db).insert(streamTickets).values(row));

/** Those that nobody has used in time, of all organisations. */
export const deleteExpiredTickets = (db: D1Database, now: number): D1PreparedStatement =>
  db.prepare("DELETE FROM stream_tickets WHERE expires_at <= ?1").bind(now);

/** The ticket, which is gone from then on; undefined for one that is unknown, used, expired, or for another workflow. */
export const takeTicket = async (
  db: D1Database,
  hash: string,
  workflowId: string,
  now: number,
): Promise<StreamTicketRow | undefined> => {
  const row = await db
    .prepare(
      `DELETE FROM stream_tickets WHERE hash = ?1 AND workflow_id = ?2 AND expires_at > ?3
       RETURNING org_id AS organizationId, hash, workflow_id AS workflowId, user_id AS userId, username, key_id AS keyId, scopes,
         credential_until AS credentialUntil, expires_at AS expiresAt`,
    )
    .bind(hash, workflowId, now)
    .first<Omit<StreamTicketRow, "scopes"> & { scopes: string | null }>();
  return row ? { ...row, scopes: row.scopes === null ? null : (JSON.parse(row.scopes) as string[]) } : undefined;
};
