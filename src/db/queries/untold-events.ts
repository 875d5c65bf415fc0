// Events that wait to be told: written with the change, taken away once an inbox has them.
import type { JsonObject } from "../../lib/json.ts";

export type UntoldEvent = { organizationId: string; id: string; event: JsonObject; dedupeKey: string };

/** Those of `events` for which `condition` holds: SQL over `q.value` (the event) and ?3 on. Answers their ids, as `id`. */
export const insertUntoldIf = (
  db: D1Database,
  events: readonly UntoldEvent[],
  at: number,
  condition: string,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT OR IGNORE INTO untold_events (org_id, id, event, dedupe_key, created_at)
       SELECT q.value ->> 'organizationId', q.value ->> 'id', q.value -> 'event', q.value ->> 'dedupeKey', ?2
       FROM json_each(?1) AS q WHERE ${condition} RETURNING id`,
    )
    .bind(JSON.stringify(events), at);

export const deleteUntold = (
  db: D1Database,
  told: readonly Pick<UntoldEvent, "organizationId" | "id">[],
): D1PreparedStatement =>
  db
    .prepare(
      `DELETE FROM untold_events WHERE (org_id, id) IN (SELECT value ->> 'organizationId', value ->> 'id' FROM json_each(?1))`,
    )
    .bind(JSON.stringify(told.map(({ organizationId, id }) => ({ organizationId, id }))));

/** As if they had been written at `at`. */
export const postponeUntold = (
  db: D1Database,
  untold: readonly Pick<UntoldEvent, "organizationId" | "id">[],
  at: number,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE untold_events SET created_at = ?2
       WHERE (org_id, id) IN (SELECT value ->> 'organizationId', value ->> 'id' FROM json_each(?1))`,
    )
    .bind(JSON.stringify(untold.map(({ organizationId, id }) => ({ organizationId, id }))), at);

/** The oldest that were written before `before`. */
export const findUntold = async (db: D1Database, before: number, limit: number): Promise<UntoldEvent[]> => {
  const { results } = await db
    .prepare(
      `SELECT org_id AS organizationId, id, event, dedupe_key AS dedupeKey FROM untold_events WHERE created_at < ?1
       ORDER BY created_at LIMIT ?2`,
    )
    .bind(before, limit)
    .all<Omit<UntoldEvent, "event"> & { event: string }>();
  return results.map((row) => ({ ...row, event: JSON.parse(row.event) as JsonObject }));
};
