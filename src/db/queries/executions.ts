// The index of executions, and the events by which people start them. The `Execution` object is the truth about a run.
import { and, asc, desc, eq, getTableColumns, inArray, type SQL, sql } from "drizzle-orm";
import type { JsonObject } from "../../lib/json.ts";
import { few, orm } from "../d1.ts";
import { executionCounts, executionSteps, executions } from "../schema.ts";

export type ExecutionRow = Omit<typeof executions.$inferSelect, "steps" | "tallied">;
export type ExecutionStepRow = typeof executionSteps.$inferSelect;

/** What a row says of the run as a whole. */
const { steps: _, tallied: __, ...COLUMNS } = getTableColumns(executions);

export const findExecution = (db: D1Database, organizationId: string, id: string): Promise<ExecutionRow | undefined> =>
  orm(db)
    .select(COLUMNS)
    .from(executions)
    .where(and(eq(executions.organizationId, organizationId), eq(executions.id, id)))
    .get();

/** In the order in which the visits began. */
export const listSteps = (db: D1Database, organizationId: string, executionId: string): Promise<ExecutionStepRow[]> =>
  orm(db)
    .select()
    .from(executionSteps)
    .where(and(eq(executionSteps.organizationId, organizationId), eq(executionSteps.executionId, executionId)))
    .orderBy(asc(executionSteps.n));

export type ExecutionFilter = {
  workflowId: string;
  statuses?: ExecutionRow["status"][];
  /** `coarseStatus`: by the words of who counts waiting as running, and a run that ran out of time as failed. */
  sortBy: "startedAt" | "status" | "coarseStatus" | "duration";
  order: "asc" | "desc";
};

const SORTS: Record<ExecutionFilter["sortBy"], SQL> = {
  startedAt: sql`${executions.id}`,
  status: sql`${executions.status}`,
  coarseStatus: sql`CASE ${executions.status} WHEN 'waiting' THEN 'running' WHEN 'timed_out' THEN 'failed' ELSE ${executions.status} END`,
  duration: sql`${executions.durationMs}`,
};

/** Dry runs are left out. The total comes from the counters. */
export const listExecutions = async (
  db: D1Database,
  organizationId: string,
  filter: ExecutionFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: ExecutionRow[]; total: number }> => {
  const inOrder = filter.order === "asc" ? asc : desc;
  const [rows, totals] = await orm(db).batch([
    orm(db)
      .select(COLUMNS)
      .from(executions)
      .where(
        and(
          eq(executions.organizationId, organizationId),
          few(eq(executions.workflowId, filter.workflowId)),
          eq(executions.dryRun, false),
          filter.statuses ? inArray(executions.status, filter.statuses) : undefined,
        ),
      )
      .orderBy(inOrder(SORTS[filter.sortBy]), inOrder(executions.id))
      .limit(page.limit)
      .offset(page.offset),
    orm(db)
      .select({ n: sql<number>`coalesce(sum(${executionCounts.n}), 0)` })
      .from(executionCounts)
      .where(
        and(
          eq(executionCounts.organizationId, organizationId),
          eq(executionCounts.workflowId, filter.workflowId),
          filter.statuses ? inArray(executionCounts.status, filter.statuses) : undefined,
        ),
      ),
  ]);
  return { rows, total: totals[0]!.n };
};

/** The event of a start by hand, as the log has it. */
export type ManualEvent = {
  id: string;
  occurredAt: number;
  contactId: string | null;
  data: JsonObject;
  /** Events that led to it, as far as whoever starts by hand says so. */
  depth: number;
};

export type StartedByHand = {
  organizationId: string;
  executionId: string;
  workflowId: string;
  versionId: string;
  event: ManualEvent & { type: string; source: string };
  nextWakeAt: number;
  status: "queued" | "running";
  priority: number;
  scheduledAt: number | null;
  /** The run that it repeats, and how often that was done. */
  retry: { of: string; times: number } | null;
};

/**
 * The event-log row of a start by hand and the run's index row. Both or neither: an event whose id is there already (or `unless`, the id
 * that the same request had the day before) inserts nothing, and then no run either.
 */
export const insertStartByHand = (
  db: D1Database,
  start: StartedByHand,
  unless: string | null,
): D1PreparedStatement[] => {
  const { organizationId, executionId, workflowId, versionId, event, nextWakeAt, status, priority } = start;
  return [
    db
      .prepare(
        `INSERT INTO events (org_id, id, type, source, contact_id, data, occurred_at, received_at, depth)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?9 WHERE NOT EXISTS (SELECT 1 FROM events WHERE org_id = ?1 AND id = ?8)
         ON CONFLICT DO NOTHING`,
      )
      .bind(
        organizationId,
        event.id,
        event.type,
        event.source,
        event.contactId,
        JSON.stringify(event.data),
        event.occurredAt,
        unless,
        event.depth,
      ),
    db
      .prepare(
        `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, event_id, trigger_type, started_at, next_wake_at, priority,
           scheduled_at, retry_of, retries, created_at, updated_at)
         SELECT ?1, ?2, ?3, ?4, ?9, 0, ?5, ?6, iif(?9 = 'queued', NULL, ?7), ?8, ?10, ?11, ?12, ?13, ?7, ?7
         WHERE EXISTS (SELECT 1 FROM events WHERE org_id = ?1 AND id = ?5 AND occurred_at = ?7)
         ON CONFLICT DO NOTHING`,
      )
      .bind(
        ...[organizationId, executionId, workflowId, versionId, event.id, event.type, event.occurredAt, nextWakeAt],
        ...[status, priority, start.scheduledAt, start.retry?.of ?? null, start.retry?.times ?? 0],
      ),
  ];
};

/** PERSISTED CONTRACT (events.outcome.stopped): the event was refused, and nobody was asked. */
export const REFUSED = "refused";

/** The first of these events that is in the log. `processed`: the stream has told everybody of it. */
export const findManualEvent = async (
  db: D1Database,
  organizationId: string,
  ids: string[],
): Promise<(ManualEvent & { processed: boolean }) | null> => {
  const row = await db
    .prepare(
      `SELECT id, occurred_at AS occurredAt, contact_id AS contactId, data, depth,
         outcome IS NOT NULL AND outcome ->> 'stopped' IS NOT ?3 AS processed
       FROM events WHERE org_id = ?1 AND id IN (SELECT value FROM json_each(?2)) LIMIT 1`,
    )
    .bind(organizationId, JSON.stringify(ids), REFUSED)
    .first<ManualRow & { processed: number }>();
  return row && { ...manualOf(row), processed: row.processed === 1 };
};

/** The event of a start by hand that nobody has processed: of a run that was announced, with its workflow. */
export const findUnprocessedStart = async (
  db: D1Database,
  organizationId: string,
  executionId: string,
): Promise<{ event: ManualEvent; workflowId: string } | null> => {
  const row = await db
    .prepare(
      `SELECT e.id, e.occurred_at AS occurredAt, e.contact_id AS contactId, e.data, e.depth, x.workflow_id AS workflowId
       FROM executions x JOIN events e ON e.org_id = x.org_id AND e.id = x.event_id
       WHERE x.org_id = ?1 AND x.id = ?2 AND e.type = 'MANUAL_TRIGGER' AND e.outcome IS NULL`,
    )
    .bind(organizationId, executionId)
    .first<ManualRow & { workflowId: string }>();
  return row && { event: manualOf(row), workflowId: row.workflowId };
};

type ManualRow = Omit<ManualEvent, "data"> & { data: string };
const manualOf = ({ id, occurredAt, contactId, data, depth }: ManualRow): ManualEvent => ({
  id,
  occurredAt,
  contactId,
  depth,
  data: JSON.parse(data),
});

/** One that was refused is asked for again: as if nobody had looked at it. */
export const reopenEvent = (db: D1Database, organizationId: string, id: string): D1PreparedStatement =>
  db
    .prepare("UPDATE events SET outcome = NULL WHERE org_id = ?1 AND id = ?2 AND outcome ->> 'stopped' = ?3")
    .bind(organizationId, id, REFUSED);

/**
 * A run that never came to be: its object could not be reached, or knows nothing of it. `lookAt` (epoch ms): when somebody looks whether that is
 * so. Does nothing once the object has told its own state.
 */
export const failUnstarted = (
  db: D1Database,
  run: { organizationId: string; id: string },
  error: string,
  at: number,
  lookAt: number | null = null,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE executions SET status = 'failed', error = coalesce(error, ?3), ended_at = coalesce(ended_at, max(?4, coalesce(started_at, ?4))),
         duration_ms = coalesce(duration_ms, max(0, ?4 - started_at)), next_wake_at = ?5, updated_at = ?4
       WHERE org_id = ?1 AND id = ?2 AND seq = 0 AND (status IN ('queued', 'running') OR next_wake_at IS NOT NULL)`,
    )
    .bind(run.organizationId, run.id, error, at, lookAt);

export type NewRun = {
  organizationId: string;
  id: string;
  workflowId: string;
  versionId: string;
  eventId: string;
  triggerType: string;
  status: "queued" | "running";
  priority: number;
  scheduledAt: number | null;
  retryOf: string | null;
  retries: number;
  dryRun: boolean;
  createdAt: number;
  nextWakeAt: number;
};

/** The row of a run that is about to start without an event of its own. One that is there already stays. */
export const insertRun = (db: D1Database, run: NewRun): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, event_id, trigger_type, started_at, next_wake_at, priority,
         scheduled_at, retry_of, retries, dry_run, created_at, updated_at)
       SELECT value ->> 'organizationId', value ->> 'id', value ->> 'workflowId', value ->> 'versionId', value ->> 'status', 0,
         value ->> 'eventId', value ->> 'triggerType', iif(value ->> 'status' = 'queued', NULL, value ->> 'createdAt'),
         value ->> 'nextWakeAt', value ->> 'priority', value ->> 'scheduledAt', value ->> 'retryOf', value ->> 'retries',
         value ->> 'dryRun', value ->> 'createdAt', value ->> 'createdAt'
       FROM json_each(json_array(json(?1))) WHERE true ON CONFLICT DO NOTHING`,
    )
    .bind(JSON.stringify(run));
