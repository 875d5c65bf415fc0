// What should have happened by itself and did not, across organisations: for the sweeper, and for nobody else.
import { TOLD_OF_SCHEDULE, type ToldSchedule, toldOf } from "./listening.ts";

export type OverdueExecution = { organizationId: string; id: string };

/** Longest overdue first. */
export const findOverdueExecutions = async (
  db: D1Database,
  now: number,
  limit: number,
): Promise<OverdueExecution[]> => {
  const { results } = await db
    .prepare(
      "SELECT org_id AS organizationId, id FROM executions WHERE next_wake_at IS NOT NULL AND next_wake_at < ?1 ORDER BY next_wake_at LIMIT ?2",
    )
    .bind(now, limit)
    .all<OverdueExecution>();
  return results;
};

/** Poked: the next look is at `until`, unless the run says another time before. */
export const postponeExecutions = async (
  db: D1Database,
  rows: readonly OverdueExecution[],
  until: number,
): Promise<void> => {
  await db
    .prepare(
      `UPDATE executions SET next_wake_at = ?2 FROM json_each(?1) AS q
       WHERE executions.org_id = q.value ->> 'organizationId' AND executions.id = q.value ->> 'id' AND next_wake_at < ?2`,
    )
    .bind(JSON.stringify(rows), until)
    .run();
};

/** Schedules whose time has passed and whose object has not said a later one. */
export const findOverdueSchedules = async (db: D1Database, now: number, limit: number): Promise<ToldSchedule[]> => {
  const { results } = await db
    .prepare(`SELECT ${TOLD_OF_SCHEDULE} FROM schedules s WHERE s.next_at < ?1 ORDER BY s.next_at LIMIT ?2`)
    .bind(now, limit)
    .all<Omit<ToldSchedule, "wanted"> & { wanted: number }>();
  return toldOf(results);
};

export type OverdueCampaign = { organizationId: string; id: string };

/** Campaigns whose object should have been awake before `now`. */
export const findOverdueCampaigns = async (db: D1Database, now: number, limit: number): Promise<OverdueCampaign[]> => {
  const { results } = await db
    .prepare(
      "SELECT org_id AS organizationId, id FROM campaigns WHERE next_wake_at IS NOT NULL AND next_wake_at < ?1 ORDER BY next_wake_at LIMIT ?2",
    )
    .bind(now, limit)
    .all<OverdueCampaign>();
  return results;
};

export type OverdueDelivery = { organizationId: string; id: string };

/** Outgoing webhooks whose next attempt should have been made between `since` and `until` (epoch ms). */
export const findOverdueDeliveries = async (
  db: D1Database,
  { since, until }: { since: number; until: number },
  limit: number,
): Promise<OverdueDelivery[]> => {
  const { results } = await db
    .prepare(
      `SELECT org_id AS organizationId, id FROM deliveries
       WHERE status = 'pending' AND next_attempt_at > ?1 AND next_attempt_at < ?2 ORDER BY next_attempt_at LIMIT ?3`,
    )
    .bind(since, until, limit)
    .all<OverdueDelivery>();
  return results;
};

/** True while any run is not final, any schedule has a next time, any campaign is to wake, any webhook is to be sent or any event is to be told. */
export const anythingPending = async (db: D1Database): Promise<boolean> => {
  const pending = await db
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM executions WHERE next_wake_at IS NOT NULL) OR EXISTS (SELECT 1 FROM schedules WHERE next_at IS NOT NULL)
         OR EXISTS (SELECT 1 FROM campaigns WHERE next_wake_at IS NOT NULL)
         OR EXISTS (SELECT 1 FROM deliveries WHERE status = 'pending' AND next_attempt_at IS NOT NULL)
         OR EXISTS (SELECT 1 FROM untold_events WHERE created_at > 0) OR EXISTS (SELECT 1 FROM stale_workflows WHERE created_at > 0) AS pending`,
    )
    .first<number>("pending");
  return pending === 1;
};

/** What schedules of any organisation said of their next times, in one statement. */
export const noteNextRuns = (
  db: D1Database,
  times: readonly { organizationId: string; id: string; nextAt: number | null }[],
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE schedules SET next_at = q.value ->> 'nextAt' FROM json_each(?1) AS q
       WHERE schedules.org_id = q.value ->> 'organizationId' AND schedules.id = q.value ->> 'id'`,
    )
    .bind(JSON.stringify(times));
