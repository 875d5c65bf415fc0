// Executions that wait for an event, and the events that they may have missed while their row was not there yet.
import { and, eq, gte } from "drizzle-orm";
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

/** Oldest first. Event ids are UUIDv7 of their acceptance, so `fromId` bounds the read to what came since. */
export const eventsFrom = (
  db: D1Database,
  wanted: { organizationId: string; eventType: string; contactId: string | null; fromId: string },
): Promise<EventRow[]> =>
  orm(db)
    .select()
    .from(events)
    .where(
      and(
        eq(events.organizationId, wanted.organizationId),
        gte(events.id, wanted.fromId),
        eq(events.type, wanted.eventType),
        wanted.contactId === null ? undefined : eq(events.contactId, wanted.contactId),
      ),
    )
    .orderBy(events.id)
    .limit(100)
    .all();
