// Executions that wait for an event, and the events that they may have missed while their row was not there yet.
import { and, eq, sql } from "drizzle-orm";
import { orm } from "../d1.ts";
import { events, waiters } from "../schema.ts";

export type WaiterRow = typeof waiters.$inferSelect;
export type EventRow = typeof events.$inferSelect;

/** Writing the same waiter again changes nothing. */
export const insertWaiter = async (db: D1Database, row: WaiterRow): Promise<void> => {
  await orm(db).insert(waiters).values(row).onConflictDoNothing();
};

export const deleteWaiter = async (db: D1Database, key: string): Promise<void> => {
  await orm(db).delete(waiters).where(eq(waiters.key, key));
};

export type LogLookup = {
  organizationId: string;
  eventType: string;
  /** Null: events about anybody. */
  contactId: string | null;
  /** Epoch ms at which they occurred at the earliest. */
  since: number;
};

/** Events that one look passes: their ids and sizes are read, not what they say. */
export const LOG_SCAN = 10_000;

/**
 * Ids of events wanted among the LOG_SCAN whose ids follow `after`, in their order, with the bytes of their data. `passed`: the last id that was
 * looked at when there may be others behind it.
 */
export const findLogged = async (
  db: D1Database,
  { organizationId, eventType, contactId, since }: LogLookup,
  after: string,
): Promise<{ found: { id: string; bytes: number }[]; passed: string | null }> => {
  const { results } = await db
    .prepare(
      `SELECT id, wanted, bytes, n FROM (
         SELECT id, type = ?3 AND occurred_at >= ?4 AS wanted, octet_length(data) AS bytes, row_number() OVER (ORDER BY id) AS n
         FROM events WHERE org_id = ?1 AND id > ?2 ${contactId === null ? "" : "AND contact_id = ?5"} ORDER BY id LIMIT ${LOG_SCAN})
       WHERE wanted OR n = ${LOG_SCAN}`,
    )
    .bind(organizationId, after, eventType, since, ...(contactId === null ? [] : [contactId]))
    .all<{ id: string; wanted: number; bytes: number; n: number }>();
  const last = results.at(-1);
  return {
    found: results.filter(({ wanted }) => wanted === 1).map(({ id, bytes }) => ({ id, bytes })),
    passed: last?.n === LOG_SCAN ? last.id : null,
  };
};

/** In the order of their ids. */
export const findEvents = (db: D1Database, organizationId: string, ids: readonly string[]): Promise<EventRow[]> =>
  orm(db)
    .select()
    .from(events)
    .where(
      and(
        eq(events.organizationId, organizationId),
        sql`${events.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
      ),
    )
    .orderBy(events.id)
    .all();
