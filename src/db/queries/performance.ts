// What performance is read from beside the rollups of executions: services, and what of an organisation waits or is stuck. Each read is bounded.

export type ServiceHour = {
  hour: number;
  service: string;
  calls: number;
  failed: number;
  ms: number;
  times: Record<string, number>;
  lastFailedAt: number | null;
};

/** Services of an hour are few, unless their names are made by templates. */
const MAX_SERVICE_ROWS = 5_000;

/** Latest hours first. */
export const selectServices = (db: D1Database, organizationId: string, since: number): D1PreparedStatement =>
  db
    .prepare(
      `SELECT hour, service, calls, failed, ms, times, last_failed_at AS lastFailedAt FROM service_rollups
       WHERE org_id = ?1 AND hour >= ?2 ORDER BY hour DESC, service LIMIT ${MAX_SERVICE_ROWS}`,
    )
    .bind(organizationId, since);

export const servicesOfResult = ({ results }: D1Result): ServiceHour[] =>
  (results as (Omit<ServiceHour, "times"> & { times: string })[]).map((row) => ({
    ...row,
    times: JSON.parse(row.times),
  }));

/** Of as many of the latest it is told what is pending. */
const LATEST = 1_000;

export type Pending = {
  /** Events that nobody has processed yet. */
  events: number;
  oldestEventAt: number | null;
  deadLetters: number;
  /** Runs that a bug has parked. */
  stuck: number;
};

/** Of the latest LATEST events, dead letters, running and waiting executions. */
export const selectPending = (db: D1Database, organizationId: string): D1PreparedStatement =>
  db
    .prepare(
      `SELECT e.*, d.*, x.* FROM
         (SELECT count(*) FILTER (WHERE outcome IS NULL) AS events, min(received_at) FILTER (WHERE outcome IS NULL) AS oldestEventAt
          FROM (SELECT outcome, received_at FROM events WHERE org_id = ?1 ORDER BY id DESC LIMIT ${LATEST})) AS e,
         (SELECT count(*) FILTER (WHERE replayed_at IS NULL) AS deadLetters
          FROM (SELECT replayed_at FROM dead_letters WHERE org_id = ?1 ORDER BY created_at DESC LIMIT ${LATEST})) AS d,
         (SELECT count(*) AS stuck FROM (
            ${["running", "waiting"]
              .map(
                (status) =>
                  `SELECT * FROM (SELECT error FROM executions INDEXED BY executions_status
                   WHERE org_id = ?1 AND status = '${status}' ORDER BY id DESC LIMIT ${LATEST})`,
              )
              .join(" UNION ALL ")}
          ) WHERE error IS NOT NULL) AS x`,
    )
    .bind(organizationId);

/** Executions by status, dry runs left out: a row for each workflow and status is read. */
export const selectStatuses = (db: D1Database, organizationId: string): D1PreparedStatement =>
  db.prepare("SELECT status, sum(n) AS n FROM execution_counts WHERE org_id = ?1 GROUP BY status").bind(organizationId);

export type Usage = {
  events: number;
  messagesSent: number;
  messagesReceived: number;
  contacts: number;
  workflows: number;
  activeWorkflows: number;
  messagesKept: number;
};

/** Events and messages from `since` (epoch ms, the beginning of a day) on; what is kept as it is now. A row a day, and one for each workflow. */
export const selectUsage = (db: D1Database, organizationId: string, since: number): D1PreparedStatement =>
  db
    .prepare(
      `SELECT
         (SELECT coalesce(sum(n), 0) FROM event_counts WHERE org_id = ?1 AND day >= ?2) AS events,
         (SELECT coalesce(sum(sent), 0) FROM message_rollups WHERE org_id = ?1 AND campaign_id = '' AND span = 24 AND start >= ?2) AS messagesSent,
         (SELECT coalesce(sum(inbound), 0) FROM message_activity WHERE org_id = ?1 AND hour >= ?2) AS messagesReceived,
         (SELECT coalesce(sum(n), 0) FROM contact_counts WHERE org_id = ?1) AS contacts,
         (SELECT count(*) FROM workflows WHERE org_id = ?1 AND status <> 'archived') AS workflows,
         (SELECT count(*) FROM workflows WHERE org_id = ?1 AND status = 'active') AS activeWorkflows,
         (SELECT coalesce(sum(c.value), 0) FROM message_rollups r, json_each(r.counts) c
          WHERE r.org_id = ?1 AND r.campaign_id = '' AND r.span = 24) AS messagesKept`,
    )
    .bind(organizationId, since);

export type WorkflowName = { id: string; name: string; status: string };

/** Of those ids that the organisation has. */
export const selectNames = (db: D1Database, organizationId: string, ids: readonly string[]): D1PreparedStatement =>
  db
    .prepare(
      "SELECT w.id, w.name, w.status FROM json_each(?2) q CROSS JOIN workflows w ON w.org_id = ?1 AND w.id = q.value",
    )
    .bind(organizationId, JSON.stringify(ids));

export type IdleWorkflow = WorkflowName & { publishedAt: number };
const MAX_IDLE = 20;

/** Active workflows that were published before `since` (epoch ms) and are not among `ran`, oldest first. */
export const selectIdle = (
  db: D1Database,
  organizationId: string,
  since: number,
  ran: readonly string[],
  visibleTo: string | undefined,
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT w.id, w.name, w.status, coalesce(w.published_at, w.updated_at) AS publishedAt FROM workflows w
       WHERE w.org_id = ?1 AND w.status = 'active' AND coalesce(w.published_at, w.updated_at) < ?2 AND w.id NOT IN (SELECT value FROM json_each(?3))
         AND NOT EXISTS (SELECT 1 FROM workflow_permissions p WHERE p.org_id = ?1 AND p.workflow_id = w.id AND p.user_id = ?4 AND p.can_view = 0
           AND w.created_by <> p.user_id)
       ORDER BY publishedAt LIMIT ${MAX_IDLE}`,
    )
    .bind(organizationId, since, JSON.stringify(ran), visibleTo ?? "");

export type HeldMessages = { gate: string; n: number };

/** Messages that gates hold back now, by gate; of the latest LATEST that wait. */
export const selectHeld = (db: D1Database, organizationId: string): D1PreparedStatement =>
  db
    .prepare(
      `SELECT gates ->> 'failed' AS gate, count(*) AS n FROM (
         SELECT gates FROM messages
         WHERE org_id = ?1 AND direction = 'outbound' AND status = 'scheduled' AND hold_until IS NOT NULL AND gates IS NOT NULL
         ORDER BY created_at DESC, id DESC LIMIT ${LATEST}
       ) WHERE gates ->> 'failed' IS NOT NULL GROUP BY 1 ORDER BY n DESC`,
    )
    .bind(organizationId);
