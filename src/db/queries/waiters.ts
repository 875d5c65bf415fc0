// Executions that wait for an event, and the events that they may have missed while their row was not there yet.
import { and, eq, gt, gte } from "drizzle-orm";
import { few, orm } from "../d1.ts";
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

/** Events that one statement reads: each may have 1.5 MB. */
const PAGE = 50;

/** Those that occurred at `since` (epoch ms) or later, in the order of their ids. `fromId` bounds what is read. */
export const eventsFrom = async (
  db: D1Database,
  wanted: { organizationId: string; eventType: string; contactId: string | null; since: number; fromId: string },
): Promise<EventRow[]> => {
  const found: EventRow[] = [];
  for (let from = gte(events.id, wanted.fromId); ; from = gt(events.id, found.at(-1)!.id)) {
    const page = await orm(db)
      .select()
      .from(events)
      .where(
        and(
          eq(events.organizationId, wanted.organizationId),
          from,
          eq(events.type, wanted.eventType),
          gte(events.occurredAt, wanted.since),
          wanted.contactId === null ? undefined : few(eq(events.contactId, wanted.contactId)),
        ),
      )
      .orderBy(events.id)
      .limit(PAGE)
      .all();
    found.push(...page);
    if (page.length < PAGE) return found;
  }
};
