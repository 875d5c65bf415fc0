// What an active workflow listens for: subscriptions to the event stream, and schedules.
import { and, eq } from "drizzle-orm";
import type { Json, JsonObject } from "../../lib/json.ts";
import { FEW, few, orm } from "../d1.ts";
import { schedules } from "../schema.ts";

export type NewSubscription = {
  eventType: string;
  matchKey: string | null;
  nodeIds: string[];
  triggerType: string;
  filters: Json;
  terms: JsonObject | null;
  variables: JsonObject;
  rules: Json;
  priority: number;
};

export type ScheduleRow = typeof schedules.$inferSelect;

/** All that were are replaced by these. */
export const replaceSubscriptions = (
  db: D1Database,
  of: { organizationId: string; workflowId: string; versionId: string | null },
  subscriptions: NewSubscription[],
): D1PreparedStatement[] => [
  db.prepare("DELETE FROM subscriptions WHERE org_id = ?1 AND workflow_id = ?2").bind(of.organizationId, of.workflowId),
  ...(subscriptions.length === 0
    ? []
    : [
        db
          .prepare(
            `INSERT INTO subscriptions (org_id, event_type, match_key, workflow_id, version_id, node_ids, trigger_type, filters, terms, variables, rules, priority)
             SELECT ?1, value ->> 'eventType', value ->> 'matchKey', ?2, ?3, value -> 'nodeIds', value ->> 'triggerType',
               CASE json_type(value, '$.filters') WHEN 'null' THEN NULL ELSE value -> 'filters' END,
               CASE json_type(value, '$.terms') WHEN 'null' THEN NULL ELSE value -> 'terms' END, value -> 'variables',
               CASE json_type(value, '$.rules') WHEN 'null' THEN NULL ELSE value -> 'rules' END, value ->> 'priority'
             FROM json_each(?4)`,
          )
          .bind(of.organizationId, of.workflowId, of.versionId, JSON.stringify(subscriptions)),
      ]),
];

/** Bytes that the organisation's other workflows listen with: filters and what they read, and `each` for every subscription. */
export const bytesOfOthers = async (
  db: D1Database,
  of: { organizationId: string; workflowId: string },
  each: number,
): Promise<number> =>
  (await db
    .prepare(
      `SELECT coalesce(sum(coalesce(octet_length(filters), 0) + coalesce(octet_length(terms), 0) + octet_length(variables) + ?3), 0) AS bytes
       FROM subscriptions WHERE org_id = ?1 AND workflow_id <> ?2`,
    )
    .bind(of.organizationId, of.workflowId, each)
    .first<number>("bytes")) ?? 0;

export const listensFor = async (
  db: D1Database,
  organizationId: string,
  workflowId: string,
  eventType: string,
): Promise<boolean> =>
  (await db
    .prepare("SELECT 1 FROM subscriptions WHERE org_id = ?1 AND workflow_id = ?2 AND event_type = ?3 LIMIT 1")
    .bind(organizationId, workflowId, eventType)
    .first()) !== null;

export const listSchedules = (db: D1Database, organizationId: string, workflowId: string): Promise<ScheduleRow[]> =>
  orm(db)
    .select()
    .from(schedules)
    .where(and(eq(schedules.organizationId, organizationId), few(eq(schedules.workflowId, workflowId))));

/** `nextAt` is when the sweeper looks after a schedule whose object has not said its own time yet. */
export const upsertSchedules = (
  db: D1Database,
  of: { organizationId: string; workflowId: string },
  rows: (Omit<ScheduleRow, "organizationId" | "workflowId" | "cron"> & { cron: string | null })[],
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO schedules (org_id, id, workflow_id, node_id, cron, timezone, at, every_ms, since, next_at)
       SELECT ?1, value ->> 'id', ?2, value ->> 'nodeId', coalesce(value ->> 'cron', ''), value ->> 'timezone', value ->> 'at', value ->> 'everyMs',
         value ->> 'since', value ->> 'nextAt' FROM json_each(?3) WHERE true
       ON CONFLICT DO UPDATE SET cron = excluded.cron, timezone = excluded.timezone, at = excluded.at, every_ms = excluded.every_ms,
         since = CASE WHEN (cron, timezone, at, every_ms) IS (excluded.cron, excluded.timezone, excluded.at, excluded.every_ms) THEN since
           ELSE excluded.since END,
         next_at = excluded.next_at`,
    )
    .bind(of.organizationId, of.workflowId, JSON.stringify(rows));

/** Of schedule `s`: its workflow is active, and its published version has the node. */
const WANTED = `EXISTS (SELECT 1 FROM workflows w JOIN workflow_versions v ON v.org_id = w.org_id AND v.id = w.published_version_id,
    json_each(v.definition, '$.nodes') AS n
  WHERE w.org_id = s.org_id AND w.id = s.workflow_id AND w.status = 'active'
    AND n.key = s.node_id AND n.value ->> 'type' = 'trigger_schedule')`;

/** What a schedule's object is told, and whether it is to be there. */
export const TOLD_OF_SCHEDULE = `s.id AS scheduleId, s.org_id AS organizationId, s.workflow_id AS workflowId, s.node_id AS nodeId,
  nullif(s.cron, '') AS cron, s.timezone, s.at, s.every_ms AS everyMs, s.since, ${WANTED} AS wanted`;

export type ToldSchedule = {
  scheduleId: string;
  organizationId: string;
  workflowId: string;
  nodeId: string;
  cron: string | null;
  timezone: string;
  at: number | null;
  everyMs: number | null;
  since: number | null;
  /** The workflow is active, and its published version has the node. */
  wanted: boolean;
};

export const toldOf = (rows: readonly (Omit<ToldSchedule, "wanted"> & { wanted: number })[]): ToldSchedule[] =>
  rows.map((row) => ({ ...row, wanted: row.wanted === 1 }));

/** A workflow's, by their ids. */
export const schedulesToTell = async (
  db: D1Database,
  organizationId: string,
  workflowId: string,
): Promise<ToldSchedule[]> => {
  const { results } = await db
    .prepare(
      `SELECT ${TOLD_OF_SCHEDULE} FROM schedules s WHERE s.org_id = ?1 AND likelihood(s.workflow_id = ?2, ${FEW}) ORDER BY s.id`,
    )
    .bind(organizationId, workflowId)
    .all<Omit<ToldSchedule, "wanted"> & { wanted: number }>();
  return toldOf(results);
};

/** But for those that are wanted, by a change that came meanwhile. */
export const deleteSchedules = (db: D1Database, organizationId: string, ids: string[]): D1PreparedStatement =>
  db
    .prepare(
      `DELETE FROM schedules AS s WHERE s.org_id = ?1 AND s.id IN (SELECT value FROM json_each(?2)) AND NOT ${WANTED}`,
    )
    .bind(organizationId, JSON.stringify(ids));
