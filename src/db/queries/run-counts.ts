// How many executions were created in a time, from rollups by day and, at the ends, by index: what is read does not grow with how many there are.
import { type DayRollup, daysOfResult, type WantedDay } from "./analytics.ts";
import { hidden, type RunStatus } from "./run-lists.ts";

type Of = { workflowId?: string; visibleTo?: string };

const visible = ({ visibleTo }: Of, workflow: string): string =>
  visibleTo === undefined ? "" : `AND NOT ${hidden(workflow)}`;

/** The oldest that is still listed; null: there is none. */
export const findFirstRunId = async (db: D1Database, organizationId: string, of: Of): Promise<string | null> => {
  const index = of.workflowId === undefined ? "" : "INDEXED BY executions_workflow";
  const ofWorkflow = of.workflowId === undefined ? "" : "AND x.workflow_id = ?2";
  const row = await db
    .prepare(
      `SELECT x.id FROM executions x ${index} WHERE x.org_id = ?1 ${ofWorkflow} AND x.id > '' AND ?2 IS NOT NULL ORDER BY x.id LIMIT 1`,
    )
    .bind(organizationId, of.workflowId ?? "")
    .first<{ id: string }>();
  return row?.id ?? null;
};

/** A row for each of the days; of all workflows a row for each of them a day. */
export const selectCreated = async (
  db: D1Database,
  organizationId: string,
  of: Of,
  days: readonly WantedDay[],
): Promise<DayRollup[]> => {
  const ofWorkflow = of.workflowId === undefined ? "" : "AND r.workflow_id = ?2 ->> '$.workflowId'";
  const result = await db
    .prepare(
      `SELECT r.day, r.workflow_id AS workflowId, r.started, r.completed, r.failed, r.cancelled, r.timed_out AS timedOut, 0 AS durationSum,
         0 AS durationMax, 0 AS nodes, 0 AS lagged, 0 AS lagSum, CASE WHEN q.value ->> 1 THEN r.slots ELSE '{}' END AS slots,
         '{}' AS durations, '{}' AS lags
       FROM json_each(?3) q CROSS JOIN execution_rollups r ON r.org_id = ?1 AND r.day = q.value ->> 0 ${ofWorkflow}
       WHERE ?2 IS NOT NULL ${visible(of, "r.workflow_id")}`,
    )
    .bind(organizationId, JSON.stringify(of), JSON.stringify(days.map(({ day, cut }) => [day, cut])))
    .all();
  return daysOfResult(result as D1Result);
};

/** By index, at most `limit`, with ids from `fromId` on and before `toId`. */
export const countRunIds = async (
  db: D1Database,
  organizationId: string,
  of: Of & { statuses?: readonly RunStatus[] | undefined; fromId: string; toId: string; limit: number },
): Promise<number> => {
  const { workflowId, statuses, limit } = of;
  const byStatus = statuses === undefined ? "" : "_status";
  const index =
    workflowId === undefined ? statuses && "INDEXED BY executions_status" : `INDEXED BY executions_workflow${byStatus}`;
  const one = (status: string | undefined) =>
    `SELECT 1 FROM (SELECT 1 FROM executions x ${index ?? ""} WHERE x.org_id = ?1 ${workflowId === undefined ? "" : "AND x.workflow_id = ?2 ->> '$.workflowId'"}
       ${status === undefined ? "" : `AND x.status = ${status}`} AND x.id >= ?3 AND x.id < ?4 AND x.dry_run = 0 AND ?2 IS NOT NULL
       ${visible(of, "x.workflow_id")} LIMIT ${limit})`;
  const all = statuses?.map((_, n) => one(`?2 ->> '$.statuses[${n}]'`)) ?? [one(undefined)];
  const row = await db
    .prepare(`SELECT count(*) AS n FROM (${all.join(" UNION ALL ")})`)
    .bind(organizationId, JSON.stringify({ workflowId, visibleTo: of.visibleTo, statuses }), of.fromId, of.toId)
    .first<{ n: number }>();
  return Math.min(row!.n, limit);
};
