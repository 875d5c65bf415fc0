// Rollups of steps (schema/node-rollups.ts, outside-rollups.ts), written in bulk in the batch that writes the reports, right before them: a visit
// counts when a newer report than the run's row shows tells its end, and the row does not. So the same report twice counts once, and a batch of
// runs costs a row for each workflow.
import type { ProjectedRow, ProjectedStep } from "./projections.ts";

/** As migrations/0025 and lib/histogram.ts have it. */
const bucketOf = (ms: string): string => `CASE WHEN ${ms} < 1 THEN 0 ELSE 1 + CAST(4 * log2(${ms}) AS INTEGER) END`;

/** A row of D1 holds 2 MB. What a day of a workflow has more nodes than fit counts as of a node without an id, one for each type: sums stay right. */
const MAX_TALLY_BYTES = 1_500_000;

const ENDED = `WITH told AS MATERIALIZED (
    SELECT r.value ->> 'organizationId' AS org_id, r.value ->> 'workflowId' AS workflow_id, r.value -> 'steps' AS steps, x.steps AS known
    FROM json_each(?1) r
    LEFT JOIN executions x ON x.org_id = r.value ->> 'organizationId' AND x.id = r.value ->> 'executionId'
    WHERE x.seq IS NULL OR x.seq < r.value ->> 'seq'
  ), given AS (
    SELECT org_id, workflow_id, s.value ->> 'nodeType' || '/' || (s.value ->> 'nodeId') AS node, s.value ->> 'status' AS status,
      s.value ->> 'attempts' AS tries, s.value ->> 'service' AS service, coalesce(s.value ->> 'late', 0) AS late,
      max(s.value ->> 'completedAt', s.value ->> 'startedAt') AS at,
      max(0, (s.value ->> 'completedAt') - (s.value ->> 'startedAt')) AS ms, coalesce(s.value ->> 'waitMs', 0) AS wait
    FROM told CROSS JOIN json_each(told.steps) s
    WHERE known IS NULL OR known ->> ('$."' || (s.value ->> 'n') || '".endedAt') IS NULL
  ), ended AS (SELECT *, max(0, ms - wait) AS busy FROM given)`;

const addNodes = (db: D1Database, reports: string): D1PreparedStatement =>
  db
    .prepare(
      `${ENDED}, timed AS (
         SELECT org_id, at / 86400000 * 86400000 AS day, workflow_id, node, ${bucketOf("busy")} AS bucket, count(*) AS n, sum(status = 'completed') AS ok,
           sum(status = 'failed') AS failed, sum(tries) AS tries, sum(busy) AS ms, sum(min(ms, wait)) AS wait, sum(late) AS late
         FROM ended GROUP BY 1, 2, 3, 4, 5
       )
       INSERT INTO node_rollups (org_id, day, workflow_id, nodes)
       SELECT org_id, day, workflow_id, json_group_object(node, json(tally)) FROM (
         SELECT org_id, day, workflow_id, node, json_patch(json_group_object(bucket, n),
           json_object('n', sum(n), 'ok', sum(ok), 'failed', sum(failed), 'tries', sum(tries), 'ms', sum(ms), 'wait', sum(wait), 'late', nullif(sum(late), 0))) AS tally
         FROM timed GROUP BY 1, 2, 3, 4
       ) WHERE true GROUP BY 1, 2, 3
       ON CONFLICT DO UPDATE SET nodes = (
         SELECT json_group_object(node, json(tally)) FROM (
           SELECT node, json_group_object(k, n) AS tally FROM (
             SELECT iif(x.is_nameless, substr(o.key, 1, instr(o.key, '/')), o.key) AS node, e.key AS k, sum(e.value) AS n
             FROM (SELECT nodes AS tallies, 0 AS is_nameless
               UNION ALL SELECT excluded.nodes, octet_length(nodes) + octet_length(excluded.nodes) > ${MAX_TALLY_BYTES}) x,
               json_each(x.tallies) o, json_each(o.value) e GROUP BY 1, 2
           ) GROUP BY 1
         )
       )`,
    )
    .bind(reports);

/** Of a visit's tries all but the last have failed, and the last as the visit did. */
const addServices = (db: D1Database, reports: string): D1PreparedStatement =>
  db
    .prepare(
      `${ENDED}, called AS (
         SELECT org_id, at / 3600000 * 3600000 AS hour, service, at, tries, max(0, tries - (status <> 'failed')) AS failed, busy,
           ${bucketOf("(busy / tries)")} AS bucket
         FROM ended WHERE service IS NOT NULL AND tries > 0
       )
       INSERT INTO service_rollups (org_id, hour, service, calls, failed, ms, times, last_failed_at)
       SELECT org_id, hour, service, sum(calls), sum(failed), sum(ms), json_group_object(bucket, steps), max(last_failed_at) FROM (
         SELECT org_id, hour, service, bucket, sum(tries) AS calls, sum(failed) AS failed, sum(busy) AS ms, count(*) AS steps,
           max(CASE WHEN failed > 0 THEN at END) AS last_failed_at
         FROM called GROUP BY 1, 2, 3, 4
       ) WHERE true GROUP BY 1, 2, 3
       ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, failed = failed + excluded.failed, ms = ms + excluded.ms,
         last_failed_at = max(coalesce(last_failed_at, excluded.last_failed_at), coalesce(excluded.last_failed_at, last_failed_at)),
         times = json_patch(times, (
           SELECT json_group_object(e.key, e.value + coalesce(times ->> ('$."' || e.key || '"'), 0)) FROM json_each(excluded.times) e
         ))`,
    )
    .bind(reports);

/** Before the same reports are written. */
export const addStepRollups = (db: D1Database, reports: readonly ProjectedRow[]): D1PreparedStatement[] => {
  const ended = stepsWhere(reports, ({ completedAt }) => completedAt !== null);
  if (ended.length === 0) return [];
  const called = stepsWhere(ended, ({ service }) => service !== undefined);
  return [addNodes(db, JSON.stringify(ended)), ...(called.length > 0 ? [addServices(db, JSON.stringify(called))] : [])];
};

type Told = Pick<ProjectedRow, "organizationId" | "workflowId" | "executionId" | "seq" | "dryRun" | "steps">;

/** Reports that have such steps, with nothing else of them; of dry runs none. */
const stepsWhere = (reports: readonly Told[], isWanted: (step: ProjectedStep) => boolean): Told[] =>
  reports.flatMap(({ organizationId, workflowId, executionId, seq, dryRun, steps }) => {
    const wanted = dryRun ? [] : steps.filter(isWanted);
    return wanted.length === 0 ? [] : [{ organizationId, workflowId, executionId, seq, dryRun, steps: wanted }];
  });
