// The index of executions, written in bulk: rows of runs just started, and rows and steps as runs report them. The newest report of a run
// stands, in whatever order and how often they come. Counters and rollups follow by trigger (migrations/).
import type { StoredStep } from "../schema/executions.ts";

export type StartedRow = {
  organizationId: string;
  id: string;
  workflowId: string;
  versionId: string;
  eventId: string;
  triggerType: string;
  startedAt: number;
  createdAt: number;
  nextWakeAt: number;
};

/** A run that has reported already keeps its row; one that was given up before it came to be is looked after again. */
export const insertStarted = (db: D1Database, rows: readonly StartedRow[]): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, event_id, trigger_type, started_at, next_wake_at,
         created_at, updated_at)
       SELECT value ->> 'organizationId', value ->> 'id', value ->> 'workflowId', value ->> 'versionId', 'running', 0,
         value ->> 'eventId', value ->> 'triggerType', value ->> 'startedAt', value ->> 'nextWakeAt', value ->> 'createdAt',
         value ->> 'startedAt'
       FROM json_each(?1) WHERE true
       ON CONFLICT DO UPDATE SET status = 'running', error = NULL, ended_at = NULL, duration_ms = NULL, next_wake_at = excluded.next_wake_at
       WHERE executions.seq = 0 AND executions.status = 'failed'`,
    )
    .bind(JSON.stringify(rows));

export type ProjectedRow = {
  organizationId: string;
  executionId: string;
  workflowId: string;
  versionId: string;
  status: string;
  seq: number;
  eventId: string | null;
  triggerType: string;
  startedAt: number;
  endedAt: number | null;
  nodesExecuted: number;
  error: string | null;
  errorNodeId: string | null;
  scheduledAt?: number | null | undefined;
  /** False of one that has not begun, or ended before: it has no start and no duration. */
  begun?: boolean | undefined;
  retryOf?: string | undefined;
  retries?: number | undefined;
  /** Absent from who does not know it yet. */
  errorCode?: string | null | undefined;
  priority: number;
  parentId: string | null;
  nextWakeAt: number | null;
  dryRun: boolean;
  /** How often each counted node was entered so far, by its id; absent or null where nothing is counted. */
  entries?: { [nodeId: string]: number } | null | undefined;
  createdAt: number;
  updatedAt: number;
  steps: readonly ProjectedStep[];
};

export type ProjectedStep = {
  n: number;
  nodeId: string;
  nodeType: string;
  visit: number;
  status: string;
  startedAt: number;
  completedAt: number | null;
  attempts: number;
  error: string | null;
  /** Of its time, waiting, in ms; absent: none. */
  waitMs?: number | undefined;
  /** Who was called: a host or a provider. */
  service?: string | undefined;
  /** It waited for something that did not come in time. */
  late?: boolean | undefined;
};

const storedStep = ({ completedAt, startedAt, error, n: _, late: __, ...step }: ProjectedStep): StoredStep => ({
  ...step,
  startedAt,
  ...(completedAt !== null && { endedAt: Math.max(completedAt, startedAt) }),
  ...(error !== null && { error }),
});

const storedSteps = (steps: readonly ProjectedStep[]): Record<number, StoredStep> =>
  Object.fromEntries(steps.map((step) => [step.n, storedStep(step)]));

/** The steps that a row keeps from earlier reports go when they and the newest report's are more than that: a row of D1 holds 2 MB. */
const MAX_STEPS_BYTES = 1_000_000;

/** A report of a long run leaves out steps of its middle, which earlier ones have told. */
const ALL_STEPS = `CASE WHEN executions.steps IS NULL OR octet_length(executions.steps) + octet_length(excluded.steps) > ${MAX_STEPS_BYTES} THEN excluded.steps ELSE (
           SELECT json_group_object(key, json(value)) FROM (
             SELECT key, value FROM json_each(excluded.steps)
             UNION ALL
             SELECT o.key, o.value FROM json_each(executions.steps) o WHERE excluded.steps -> ('$."' || o.key || '"') IS NULL
           )
         ) END`;

/** Nothing ends before it has begun, whatever a clock that went back says; what is queued has not begun. */
const timesOf = ({ startedAt, endedAt, begun = true }: ProjectedRow) => ({
  startedAt: begun ? startedAt : null,
  endedAt: endedAt === null ? null : Math.max(endedAt, startedAt),
  durationMs: begun && endedAt !== null ? Math.max(0, endedAt - startedAt) : null,
});

/** Counters and rollups of the runs that have no row yet: a row for each workflow. Right before `upsertExecutions` of the same. */
export const countNewExecutions = (db: D1Database, rows: readonly ProjectedRow[]): D1PreparedStatement => {
  const counted = rows.flatMap((row) => {
    const { organizationId, executionId, workflowId, status, createdAt, scheduledAt, nodesExecuted } = row;
    const told = { organizationId, executionId, workflowId, status, createdAt, scheduledAt, nodesExecuted };
    return row.dryRun ? [] : { ...told, ...timesOf(row) };
  });
  return db
    .prepare(
      `INSERT INTO new_executions (rows) SELECT json_group_array(json(r.value)) FROM json_each(?1) r WHERE NOT EXISTS (
         SELECT 1 FROM executions x WHERE x.org_id = r.value ->> 'organizationId' AND x.id = r.value ->> 'executionId')`,
    )
    .bind(JSON.stringify(counted));
};

/** After `countNewExecutions` of the same. */
export const upsertExecutions = (db: D1Database, rows: readonly ProjectedRow[]): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, event_id, trigger_type, started_at, ended_at, duration_ms,
         nodes_executed, error, error_node_id, error_code, priority, parent_id, next_wake_at, dry_run, entries, scheduled_at, retry_of, retries,
         created_at, updated_at, tallied, steps)
       SELECT value ->> 'organizationId', value ->> 'executionId', value ->> 'workflowId', value ->> 'versionId', value ->> 'status',
         value ->> 'seq', value ->> 'eventId', value ->> 'triggerType', value ->> 'startedAt', value ->> 'endedAt',
         value ->> 'durationMs', value ->> 'nodesExecuted', value ->> 'error', value ->> 'errorNodeId', value ->> 'errorCode',
         value ->> 'priority', value ->> 'parentId', value ->> 'nextWakeAt', value ->> 'dryRun', value ->> 'entries', value ->> 'scheduledAt', value ->> 'retryOf', coalesce(value ->> 'retries', 0),
         value ->> 'createdAt', value ->> 'updatedAt', 1, value -> 'steps'
       FROM json_each(?1) WHERE true
       ON CONFLICT DO UPDATE SET status = excluded.status, seq = excluded.seq, started_at = excluded.started_at, ended_at = excluded.ended_at,
         duration_ms = excluded.duration_ms, nodes_executed = excluded.nodes_executed, error = excluded.error,
         error_node_id = excluded.error_node_id, error_code = excluded.error_code, priority = excluded.priority, parent_id = excluded.parent_id,
         next_wake_at = excluded.next_wake_at, entries = coalesce(excluded.entries, executions.entries),
         scheduled_at = coalesce(excluded.scheduled_at, executions.scheduled_at), retry_of = coalesce(excluded.retry_of, executions.retry_of),
         retries = max(excluded.retries, executions.retries), updated_at = excluded.updated_at,
         steps = ${ALL_STEPS}
       WHERE excluded.seq > executions.seq OR (excluded.seq = executions.seq AND excluded.next_wake_at > executions.next_wake_at)`,
    )
    .bind(JSON.stringify(rows.map((row) => ({ ...row, ...timesOf(row), steps: storedSteps(row.steps) }))));
