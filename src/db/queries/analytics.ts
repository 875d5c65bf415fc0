// What analytics read: rollups by days, never rows of executions. The cost follows the days that are asked for, not what happened on them. What the
// figures mean is domain/analytics.

export type DayRollup = {
  day: number;
  workflowId: string;
  started: number;
  completed: number;
  failed: number;
  cancelled: number;
  timedOut: number;
  durationSum: number;
  durationMax: number;
  nodes: number;
  lagged: number;
  lagSum: number;
  /** Empty where it was not asked for. */
  slots: Record<string, number>;
  durations: Record<string, number>;
  lags: Record<string, number>;
};

const COLUMNS = `r.day, r.workflow_id AS workflowId, r.started, r.completed, r.failed, r.cancelled, r.timed_out AS timedOut, r.duration_sum AS durationSum,
  r.duration_max AS durationMax, r.nodes, r.lagged, r.lag_sum AS lagSum`;

/** `cut`: its quarters of an hour are needed as well; `times`: its histograms. */
export type WantedDay = { day: number; cut: boolean; times: boolean };

/** Of one workflow: a row a day at the most. */
export const selectDays = (
  db: D1Database,
  organizationId: string,
  workflowId: string,
  days: readonly WantedDay[],
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT ${COLUMNS}, CASE WHEN q.value ->> 1 THEN r.slots ELSE '{}' END AS slots, CASE WHEN q.value ->> 2 THEN r.durations ELSE '{}' END AS durations,
         CASE WHEN q.value ->> 2 THEN r.lags ELSE '{}' END AS lags
       FROM json_each(?3) q CROSS JOIN execution_rollups r ON r.org_id = ?1 AND r.day = q.value ->> 0 AND r.workflow_id = ?2`,
    )
    .bind(organizationId, workflowId, JSON.stringify(days.map(({ day, cut, times }) => [day, cut, times])));

type RawDay = Omit<DayRollup, "slots" | "durations" | "lags"> & { slots: string; durations: string; lags: string };

export const daysOfResult = ({ results }: D1Result): DayRollup[] =>
  (results as RawDay[]).map((row) => ({
    ...row,
    slots: JSON.parse(row.slots),
    durations: JSON.parse(row.durations),
    lags: JSON.parse(row.lags),
  }));

/** Workflows that were hidden from the user `?2`, by the column that names one. */
const notHidden = (workflow: string): string =>
  `NOT EXISTS (SELECT 1 FROM workflow_permissions p JOIN workflows h ON h.org_id = p.org_id AND h.id = p.workflow_id
    WHERE p.org_id = ?1 AND p.workflow_id = ${workflow} AND p.user_id = ?2 AND p.can_view = 0 AND h.created_by <> p.user_id)`;

/** Bytes of the insides of days that are read at the most, the busiest first. */
const MAX_INSIDE_BYTES = 10_000_000;

/**
 * Of all workflows but those hidden from `visibleTo`: a row for each workflow and day of `from`..`to` (epoch ms, `to` left out). `whole`: with its
 * quarters and the times to the start, the busiest rows that together have MAX_INSIDE_BYTES.
 */
export const selectAllDays = (
  db: D1Database,
  organizationId: string,
  { from, to, visibleTo, whole }: { from: number; to: number; visibleTo: string | undefined; whole: boolean },
): D1PreparedStatement => {
  const rows = `execution_rollups r WHERE r.org_id = ?1 AND r.day >= ?3 AND r.day < ?4 AND ?2 IS NOT NULL
    ${visibleTo === undefined ? "" : `AND ${notHidden("r.workflow_id")}`}`;
  const query = whole
    ? `SELECT * FROM (
         SELECT ${COLUMNS}, r.slots, '{}' AS durations, r.lags, sum(octet_length(r.slots) + octet_length(r.lags)) OVER (ORDER BY r.started DESC, r.day, r.workflow_id) AS bytes
         FROM ${rows}
       ) WHERE bytes <= ${MAX_INSIDE_BYTES}`
    : `SELECT ${COLUMNS}, '{}' AS slots, '{}' AS durations, '{}' AS lags FROM ${rows}`;
  return db.prepare(query).bind(organizationId, visibleTo ?? "", from, to);
};

export type ErrorDay = {
  day: number;
  workflowId: string;
  code: string;
  nodeId: string;
  n: number;
  message: string;
  firstAt: number;
  lastAt: number;
  slots: Record<string, number>;
  samples: string[];
};

/** Kinds of errors on a day are few; this bounds what a workflow with a new node in each version may cost. */
const MAX_ERROR_ROWS = 5_000;

const ERROR =
  "e.day, e.workflow_id AS workflowId, e.code, e.node_id AS nodeId, e.n, e.message, e.first_at AS firstAt, e.last_at AS lastAt, e.samples";

/** Latest days first. */
export const selectErrorDays = (
  db: D1Database,
  organizationId: string,
  workflowId: string,
  days: readonly number[],
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT ${ERROR}, e.slots FROM json_each(?3) q CROSS JOIN execution_errors e ON e.org_id = ?1 AND e.day = q.value AND e.workflow_id = ?2
       WHERE e.n > 0 LIMIT ${MAX_ERROR_ROWS}`,
    )
    .bind(organizationId, workflowId, JSON.stringify(days.toReversed()));

/** Of all workflows but those hidden from `visibleTo`; of whole days, so without their quarters. Latest first. */
export const selectAllErrorDays = (
  db: D1Database,
  organizationId: string,
  { from, to, visibleTo }: { from: number; to: number; visibleTo: string | undefined },
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT ${ERROR}, '{}' AS slots FROM execution_errors e WHERE e.org_id = ?1 AND e.day >= ?3 AND e.day < ?4 AND e.n > 0 AND ?2 IS NOT NULL
         ${visibleTo === undefined ? "" : `AND ${notHidden("e.workflow_id")}`} ORDER BY e.day DESC LIMIT ${MAX_ERROR_ROWS}`,
    )
    .bind(organizationId, visibleTo ?? "", from, to);

type RawError = Omit<ErrorDay, "slots" | "samples"> & { slots: string; samples: string };

export const errorDaysOfResult = ({ results }: D1Result): ErrorDay[] =>
  (results as RawError[]).map((row) => ({ ...row, slots: JSON.parse(row.slots), samples: JSON.parse(row.samples) }));

export type NodeDay = { day: number; workflowId: string; nodes: Record<string, Record<string, number>> };

/** Bytes that are read at the most, latest days first: a workflow may have thousands of nodes. */
const MAX_NODE_BYTES = 10_000_000;

/** Of one workflow, or of all (`workflowId` undefined) from the first of `days` on. */
export const selectNodeDays = (
  db: D1Database,
  organizationId: string,
  workflowId: string | undefined,
  days: readonly number[],
  most = MAX_NODE_BYTES,
): D1PreparedStatement => {
  const from =
    workflowId === undefined
      ? "node_rollups r WHERE r.org_id = ?1 AND r.day >= ?3 ->> 0 AND ?2 = ''"
      : "json_each(?3) q CROSS JOIN node_rollups r ON r.org_id = ?1 AND r.day = q.value AND r.workflow_id = ?2";
  return db
    .prepare(
      `SELECT day, workflowId, nodes FROM (
         SELECT r.day, r.workflow_id AS workflowId, r.nodes, sum(octet_length(r.nodes)) OVER (ORDER BY r.day DESC, r.workflow_id) AS bytes FROM ${from}
       ) WHERE bytes <= ${most}`,
    )
    .bind(organizationId, workflowId ?? "", JSON.stringify(days));
};

export const nodeDaysOfResult = ({ results }: D1Result): NodeDay[] =>
  (results as (Omit<NodeDay, "nodes"> & { nodes: string })[]).map((row) => ({ ...row, nodes: JSON.parse(row.nodes) }));
