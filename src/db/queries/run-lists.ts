// Executions of a whole organisation and what their actions did, newest first, as people look for them. Totals come from counters where nothing but
// the workflow and the status is asked for; else they are counted as far as anybody pages.
import type { ExecutionRow } from "./executions.ts";

export type RunStatus = ExecutionRow["status"];

export type RunFilter = {
  statuses?: RunStatus[];
  workflowId?: string;
  /** 1 to 10. */
  priority?: number;
  /** Whom they are about. */
  contactId?: string;
  /** The smallest and the largest id: ids are in the order of their making. */
  fromId?: string;
  toId?: string;
  /** Tests in place of those that count; absent or false: none of them. */
  tests?: boolean;
  /** Leaves out the workflows that were hidden from this user. */
  visibleTo?: string;
};

export type RunRow = {
  id: string;
  workflowId: string;
  workflowName: string | null;
  versionId: string;
  /** Number of its version; null when that is gone. */
  version: number | null;
  status: RunStatus;
  priority: number;
  dryRun: boolean;
  parentId: string | null;
  nodesExecuted: number;
  errorNodeId: string | null;
  eventId: string | null;
  triggerType: string;
  contactId: string | null;
  /** The caller's own id of the contact. */
  externalId: string | null;
  conversationId: string | null;
  startedAt: number | null;
  endedAt: number | null;
  durationMs: number | null;
  error: string | null;
  errorCode: string | null;
  scheduledAt: number | null;
  /** The run that it repeats, and how often that was done before. */
  retryOf: string | null;
  retries: number;
  createdAt: number;
  updatedAt: number;
};

/** Rows that a total is counted from at the most, where no counter has it. */
export const MAX_COUNTED = 10_000;

const EXTERNAL_ID = `(SELECT i.value FROM identities i WHERE i.org_id = e.org_id AND i.contact_id = e.contact_id
  AND i.kind = 'external_id' LIMIT 1)`;

const VERSION = `(SELECT v.number FROM workflow_versions v WHERE v.org_id = x.org_id AND v.id = x.version_id)`;

const RUN = `x.id, x.workflow_id AS workflowId, w.name AS workflowName, x.version_id AS versionId, ${VERSION} AS version, x.priority,
  x.dry_run AS dryRun, x.parent_id AS parentId, x.nodes_executed AS nodesExecuted, x.error_node_id AS errorNodeId, x.status, x.event_id AS eventId, x.trigger_type AS triggerType,
  e.contact_id AS contactId, ${EXTERNAL_ID} AS externalId, e.conversation_id AS conversationId, x.started_at AS startedAt,
  x.ended_at AS endedAt, x.duration_ms AS durationMs, x.error, x.error_code AS errorCode, x.scheduled_at AS scheduledAt,
  x.retry_of AS retryOf, x.retries, x.created_at AS createdAt, x.updated_at AS updatedAt`;

/** `?2` is the filter as JSON. */
export const hidden = (workflow: string): string =>
  `EXISTS (SELECT 1 FROM workflow_permissions p JOIN workflows h ON h.org_id = p.org_id AND h.id = p.workflow_id
    WHERE p.org_id = ?1 AND p.workflow_id = ${workflow} AND p.user_id = ?2 ->> '$.visibleTo' AND p.can_view = 0
      AND h.created_by <> p.user_id)`;

/** `status`: SQL of the one status that is looked for. */
const conditionsOf = (
  { statuses, workflowId, priority, fromId, toId, tests = false, visibleTo }: RunFilter,
  status?: string,
): string =>
  [
    `x.org_id = ?1 AND x.dry_run = ${tests ? 1 : 0} AND ?2 IS NOT NULL`,
    status === undefined
      ? statuses && "x.status IN (SELECT value FROM json_each(?2, '$.statuses'))"
      : `x.status = ${status}`,
    workflowId !== undefined && "x.workflow_id = ?2 ->> '$.workflowId'",
    priority !== undefined && "x.priority = ?2 ->> '$.priority'",
    isRare(priority) && IS_RARE,
    fromId !== undefined && "x.id >= ?2 ->> '$.fromId'",
    toId !== undefined && "x.id <= ?2 ->> '$.toId'",
    visibleTo !== undefined && `NOT ${hidden("x.workflow_id")}`,
  ]
    .filter((condition) => typeof condition === "string")
    .join(" AND ");

/** Those of another priority than the usual one are few, and have an index of their own (migrations/, executions_priority). */
const IS_RARE = "x.priority <> 5";
const isRare = (priority: number | undefined): boolean => priority !== undefined && priority !== 5;

/** Each filter is led by the index that finds its rows. */
const runsOf = ({ contactId, workflowId, priority, tests }: RunFilter): string => {
  if (contactId !== undefined) {
    return `events e INDEXED BY events_contact CROSS JOIN executions x INDEXED BY executions_event
      ON x.org_id = e.org_id AND x.event_id = e.id AND e.org_id = ?1 AND e.contact_id = ?2 ->> '$.contactId'`;
  }
  if (tests) return `executions x INDEXED BY executions_tests ${EVENT}`;
  if (isRare(priority)) return `executions x INDEXED BY executions_priority ${EVENT}`;
  const index = workflowId === undefined ? "" : "INDEXED BY executions_workflow";
  return `executions x ${index} ${EVENT}`;
};

const EVENT = "LEFT JOIN events e ON e.org_id = x.org_id AND e.id = x.event_id";

/** The newest of each status, by the index that has them in order; `?4 + ?3` are as many as anybody pages to. */
const newestByStatus = (filter: RunFilter, statuses: readonly string[]): string => {
  const index = filter.workflowId === undefined ? "executions_status" : "executions_workflow_status";
  return statuses
    .map(
      (_, n) => `SELECT id FROM (SELECT x.id FROM executions x INDEXED BY ${index}
        WHERE ${conditionsOf(filter, `?2 ->> '$.statuses[${n}]'`)} ORDER BY x.id DESC LIMIT ?4 + ?3)`,
    )
    .join(" UNION ALL ");
};

/** Rows and the condition on them, newest first. */
const pageOf = (filter: RunFilter): string => {
  const { statuses, contactId } = filter;
  if (!statuses || contactId !== undefined || filter.tests || isRare(filter.priority))
    return `${runsOf(filter)} ${NAMED} WHERE ${conditionsOf(filter)}`;
  return `(${newestByStatus(filter, statuses)}) AS q CROSS JOIN executions x ON x.org_id = ?1 AND x.id = q.id ${EVENT} ${NAMED}`;
};

const NAMED = "LEFT JOIN workflows w ON w.org_id = x.org_id AND w.id = x.workflow_id";

const isCounted = ({ contactId, priority, fromId, toId, tests }: RunFilter): boolean =>
  !tests && contactId === undefined && priority === undefined && fromId === undefined && toId === undefined;

const totalOf = (db: D1Database, organizationId: string, filter: RunFilter): D1PreparedStatement => {
  const given = JSON.stringify(filter);
  if (!isCounted(filter)) {
    return db
      .prepare(
        `SELECT count(*) AS n FROM (SELECT 1 FROM ${runsOf(filter)} WHERE ${conditionsOf(filter)} LIMIT ${MAX_COUNTED})`,
      )
      .bind(organizationId, given);
  }
  const { statuses, workflowId, visibleTo } = filter;
  return db
    .prepare(
      `SELECT coalesce(sum(n), 0) AS n FROM execution_counts c WHERE c.org_id = ?1 AND ?2 IS NOT NULL
         ${statuses ? "AND c.status IN (SELECT value FROM json_each(?2, '$.statuses'))" : ""}
         ${workflowId === undefined ? "" : "AND c.workflow_id = ?2 ->> '$.workflowId'"}
         ${visibleTo === undefined ? "" : `AND NOT ${hidden("c.workflow_id")}`}`,
    )
    .bind(organizationId, given);
};

/** By status, of one workflow or of all; dry runs are left out. */
export const countRuns = async (
  db: D1Database,
  organizationId: string,
  filter: Pick<RunFilter, "workflowId" | "visibleTo">,
): Promise<Map<RunStatus, number>> => {
  const { results } = await db
    .prepare(
      `SELECT status, sum(n) AS n FROM execution_counts c WHERE c.org_id = ?1 AND ?2 IS NOT NULL
         ${filter.workflowId === undefined ? "" : "AND c.workflow_id = ?2 ->> '$.workflowId'"}
         ${filter.visibleTo === undefined ? "" : `AND NOT ${hidden("c.workflow_id")}`} GROUP BY status`,
    )
    .bind(organizationId, JSON.stringify(filter))
    .all<{ status: RunStatus; n: number }>();
  return new Map(results.map(({ status, n }) => [status, n]));
};

const selectRuns = (
  db: D1Database,
  organizationId: string,
  filter: RunFilter,
  page: { limit: number; offset: number },
): D1PreparedStatement =>
  db
    .prepare(`SELECT ${RUN} FROM ${pageOf(filter)} ORDER BY x.id DESC LIMIT ?3 OFFSET ?4`)
    .bind(organizationId, JSON.stringify(filter), page.limit, page.offset);

/** Without their total. */
export const listRunPage = async (...of: Parameters<typeof selectRuns>): Promise<RunRow[]> =>
  (await selectRuns(...of).all()).results.map(runOf);

/** Tests, or all but them. */
export const listRuns = async (
  db: D1Database,
  organizationId: string,
  filter: RunFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: RunRow[]; total: number }> => {
  const [rows, totals] = await db.batch([
    selectRuns(db, organizationId, filter, page),
    totalOf(db, organizationId, filter),
  ]);
  return { rows: rows!.results.map(runOf), total: (totals!.results[0] as { n: number }).n };
};

const runOf = (row: unknown): RunRow => ({ ...(row as RunRow), dryRun: (row as { dryRun: number }).dryRun === 1 });

export const findRun = async (db: D1Database, organizationId: string, id: string): Promise<RunRow | null> => {
  const row = await db
    .prepare(`SELECT ${RUN} FROM executions x ${EVENT} ${NAMED} WHERE x.org_id = ?1 AND x.id = ?2`)
    .bind(organizationId, id)
    .first();
  return row && runOf(row);
};

export type StepFilter = {
  statuses?: string[];
  executionId?: string;
  workflowId?: string;
  /** Of a marketing workflow. */
  actionId?: string;
  visibleTo?: string;
};

export type ActionStepRow = {
  executionId: string;
  n: number;
  nodeId: string;
  nodeType: string;
  status: string;
  attempts: number;
  error: string | null;
  startedAt: number;
  endedAt: number | null;
  workflowId: string;
  workflowName: string | null;
  /** Null where the workflow was made elsewhere, or the action is gone. */
  actionId: string | null;
  actionName: string | null;
  actionType: string | null;
  contactId: string | null;
  externalId: string | null;
};

/** PERSISTED CONTRACT: the node of a marketing workflow that is the action itself; migrations/, execution_actions. */
const IS_ACTION = "node_id GLOB 'a_????????-????-????-????-????????????'";

/** Runs in the order of their ids, each with its steps. */
const stepsFrom = ({ actionId, workflowId, executionId }: StepFilter): string => {
  const ofWorkflow = workflowId !== undefined && executionId === undefined;
  const runs =
    actionId !== undefined && executionId === undefined
      ? "execution_actions a CROSS JOIN executions x ON x.org_id = a.org_id AND x.id = a.execution_id AND a.org_id = ?1 AND a.node_id = 'a_' || (?2 ->> '$.actionId')"
      : `executions x ${ofWorkflow ? "INDEXED BY executions_workflow" : ""}`;
  return `${runs} CROSS JOIN workflows w ON w.org_id = x.org_id AND w.id = x.workflow_id
    CROSS JOIN execution_steps s ON s.org_id = x.org_id AND s.execution_id = x.id`;
};

/** What a workflow of another API does is done by nodes that are actions by their type. */
const stepConditionsOf = ({ statuses, executionId, workflowId, actionId, visibleTo }: StepFilter): string =>
  [
    "x.org_id = ?1 AND x.dry_run = 0 AND ?2 IS NOT NULL",
    actionId === undefined
      ? `(CASE w.authoring WHEN 'marketing' THEN s.${IS_ACTION} ELSE s.node_type GLOB 'action_*' END)`
      : `s.${IS_ACTION} AND s.node_id = 'a_' || (?2 ->> '$.actionId')`,
    statuses && "s.status IN (SELECT value FROM json_each(?2, '$.statuses'))",
    executionId !== undefined && "x.id = ?2 ->> '$.executionId'",
    workflowId !== undefined && "x.workflow_id = ?2 ->> '$.workflowId'",
    visibleTo !== undefined && `NOT ${hidden("x.workflow_id")}`,
  ]
    .filter((condition) => typeof condition === "string")
    .join(" AND ");

/** Visits of actions. */
export const listActionSteps = async (
  db: D1Database,
  organizationId: string,
  filter: StepFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: ActionStepRow[]; total: number }> => {
  const given = JSON.stringify(filter);
  const from = stepsFrom(filter);
  const [rows, totals] = await db.batch([
    db
      .prepare(
        `SELECT s.execution_id AS executionId, s.n, s.node_id AS nodeId, s.node_type AS nodeType, s.status, s.attempts, s.error,
           s.started_at AS startedAt, s.ended_at AS endedAt, x.workflow_id AS workflowId, w.name AS workflowName,
           CASE WHEN s.${IS_ACTION} THEN substr(s.node_id, 3) END AS actionId, p.name AS actionName, p.type AS actionType,
           e.contact_id AS contactId, ${EXTERNAL_ID} AS externalId
         FROM ${from}
         LEFT JOIN marketing_parts p ON p.org_id = s.org_id AND p.kind = 'action' AND p.id = substr(s.node_id, 3)
         LEFT JOIN events e ON e.org_id = x.org_id AND e.id = x.event_id
         WHERE ${stepConditionsOf(filter)} ORDER BY x.id DESC, s.n DESC LIMIT ?3 OFFSET ?4`,
      )
      .bind(organizationId, given, page.limit, page.offset),
    db
      .prepare(
        `SELECT count(*) AS n FROM (SELECT 1 FROM ${from} WHERE ${stepConditionsOf(filter)} LIMIT ${MAX_COUNTED})`,
      )
      .bind(organizationId, given),
  ]);
  return { rows: rows!.results as ActionStepRow[], total: (totals!.results[0] as { n: number }).n };
};

export type Statistics = {
  total: number;
  active: number;
  draft: number;
  paused: number;
  archived: number;
  executions: number;
  successful: number;
  failed: number;
  recent: number;
};

/** Workflows by status, and their executions from the counters; `recent`: those created from `since` (epoch ms, a full hour) on. */
export const readStatistics = async (
  db: D1Database,
  organizationId: string,
  since: number,
  visibleTo: string | undefined,
): Promise<Statistics> => {
  const visible = (workflow: string) => (visibleTo === undefined ? "" : `AND NOT ${hidden(workflow)}`);
  const row = await db
    .prepare(
      `SELECT w.*, c.*, r.* FROM
         (SELECT count(*) AS total, count(*) FILTER (WHERE status = 'active') AS active,
            count(*) FILTER (WHERE status = 'draft') AS draft, count(*) FILTER (WHERE status = 'paused') AS paused,
            count(*) FILTER (WHERE status = 'archived') AS archived
          FROM workflows f WHERE f.org_id = ?1 ${visible("f.id")}) AS w,
         (SELECT coalesce(sum(n), 0) AS executions, coalesce(sum(n) FILTER (WHERE status = 'completed'), 0) AS successful,
            coalesce(sum(n) FILTER (WHERE status IN ('failed', 'timed_out')), 0) AS failed
          FROM execution_counts k WHERE k.org_id = ?1 ${visible("k.workflow_id")}) AS c,
         (SELECT coalesce(sum(CASE WHEN d.day >= ?3 THEN d.started ELSE (
              SELECT coalesce(sum(e.value), 0) FROM json_each(d.slots) e
              WHERE e.key GLOB '*s' AND d.day + CAST(e.key AS INTEGER) * 900000 >= ?3
            ) END), 0) AS recent FROM execution_rollups d
          WHERE d.org_id = ?1 AND d.day >= ?3 / 86400000 * 86400000 ${visible("d.workflow_id")}) AS r WHERE ?2 IS NOT NULL`,
    )
    .bind(organizationId, JSON.stringify({ visibleTo }), since)
    .first<Statistics>();
  return row!;
};
