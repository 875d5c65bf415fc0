-- Rows of executions that are new are counted all at once: a batch of runs writes a counter and a rollup for each workflow, not for each run. Who writes
-- many inserts them, as JSON, into the view first, and says so in their rows (`tallied`); for a row that comes alone the trigger does. Written by hand;
-- see src/db/schema/execution-counts.ts, execution-rollups.ts.
ALTER TABLE `executions` ADD `tallied` integer DEFAULT false NOT NULL;
--> statement-breakpoint
DROP TRIGGER executions_counted;
--> statement-breakpoint
DROP TRIGGER executions_rolled_up;
--> statement-breakpoint
CREATE VIEW new_executions AS SELECT '' AS rows WHERE false;
--> statement-breakpoint
CREATE TRIGGER executions_rolled_up INSTEAD OF INSERT ON new_executions BEGIN
  INSERT INTO execution_counts(org_id, workflow_id, status, n, last_at)
    SELECT r.value ->> 'organizationId', r.value ->> 'workflowId', r.value ->> 'status', count(*), max(r.value ->> 'createdAt')
    FROM json_each(NEW.rows) r GROUP BY 1, 2, 3
    ON CONFLICT DO UPDATE SET n = n + excluded.n, last_at = max(coalesce(last_at, 0), excluded.last_at);
  INSERT INTO execution_rollups(org_id, day, workflow_id, started, completed, failed, cancelled, timed_out, duration_sum, duration_max, nodes,
    lagged, lag_sum, slots, durations, lags)
  SELECT org_id, day, workflow_id, max(iif(key = 'started', n, 0)), max(iif(key = 'completed', n, 0)), max(iif(key = 'failed', n, 0)),
    max(iif(key = 'cancelled', n, 0)), max(iif(key = 'timed_out', n, 0)), max(iif(key = 'duration', n, 0)), coalesce(max(longest), 0), max(iif(key = 'nodes', n, 0)),
    max(iif(key = 'lagged', n, 0)), max(iif(key = 'lag', n, 0)),
    json_group_object(substr(key, 3), n) FILTER (WHERE key GLOB 's:*'), json_group_object(substr(key, 3), n) FILTER (WHERE key GLOB 'd:*'),
    json_group_object(substr(key, 3), n) FILTER (WHERE key GLOB 'l:*')
  FROM (
    SELECT org_id, day, workflow_id, e.key, sum(e.value) AS n, max(longest) AS longest
    FROM (
      SELECT org_id, day, workflow_id, status, quarter, CASE WHEN duration < 1 THEN 0 ELSE 1 + CAST(4 * log2(duration) AS INTEGER) END AS took, CASE WHEN lag < 1 THEN 0 ELSE 1 + CAST(4 * log2(lag) AS INTEGER) END AS waited, count(*) AS runs, sum(duration) AS durations,
        max(duration) AS longest, sum(nodes) AS nodes, sum(lag) AS lags
      FROM (
        SELECT r.value ->> 'organizationId' AS org_id, (r.value ->> 'createdAt') / 86400000 * 86400000 AS day, r.value ->> 'workflowId' AS workflow_id,
          r.value ->> 'status' AS status, (r.value ->> 'createdAt') % 86400000 / 900000 AS quarter,
          iif(r.value ->> 'status' IN ('queued', 'running', 'waiting'), NULL, r.value ->> 'durationMs') AS duration,
          iif(r.value ->> 'status' IN ('queued', 'running', 'waiting'), 0, r.value ->> 'nodesExecuted') AS nodes,
          max(0, (r.value ->> 'startedAt') - max(r.value ->> 'createdAt', coalesce(r.value ->> 'scheduledAt', 0))) AS lag
        FROM json_each(NEW.rows) r
      ) GROUP BY 1, 2, 3, 4, 5, 6, 7
    ) CROSS JOIN json_each(json_object('started', runs, status, runs, 'duration', coalesce(durations, 0), 'nodes', nodes,
      'lagged', iif(waited IS NULL, 0, runs), 'lag', coalesce(lags, 0), 's:' || quarter || 's', runs,
      's:' || quarter || CASE status WHEN 'completed' THEN 'c' WHEN 'failed' THEN 'f' WHEN 'cancelled' THEN 'x' WHEN 'timed_out' THEN 't' ELSE '-' END, runs,
      's:' || quarter || 'd', coalesce(durations, 0), 'd:' || (quarter / 4) || '.' || coalesce(took, '-'), runs,
      'l:' || (quarter / 4) || '.' || coalesce(waited, '-'), runs)) e
    WHERE e.value <> 0 AND e.key NOT GLOB '*-'
    GROUP BY 1, 2, 3, 4
  ) GROUP BY 1, 2, 3
  ON CONFLICT DO UPDATE SET
    started = started + excluded.started,
    completed = completed + excluded.completed,
    failed = failed + excluded.failed,
    cancelled = cancelled + excluded.cancelled,
    timed_out = timed_out + excluded.timed_out,
    duration_sum = duration_sum + excluded.duration_sum,
    duration_max = max(duration_max, excluded.duration_max),
    nodes = nodes + excluded.nodes,
    lagged = lagged + excluded.lagged,
    lag_sum = lag_sum + excluded.lag_sum,
    slots = json_patch(slots, (SELECT json_group_object(d.key, d.value + coalesce(slots ->> ('$."' || d.key || '"'), 0)) FROM json_each(excluded.slots) d)),
    durations = json_patch(durations, (SELECT json_group_object(d.key, d.value + coalesce(durations ->> ('$."' || d.key || '"'), 0)) FROM json_each(excluded.durations) d)),
    lags = json_patch(lags, (SELECT json_group_object(d.key, d.value + coalesce(lags ->> ('$."' || d.key || '"'), 0)) FROM json_each(excluded.lags) d));
END;
--> statement-breakpoint
CREATE TRIGGER executions_counted AFTER INSERT ON executions WHEN NEW.dry_run = 0 AND NEW.tallied = 0 BEGIN
  INSERT INTO new_executions(rows) VALUES (json_array(json_object('organizationId', NEW.org_id, 'workflowId', NEW.workflow_id, 'status', NEW.status,
    'createdAt', NEW.created_at, 'startedAt', NEW.started_at, 'scheduledAt', NEW.scheduled_at, 'durationMs', NEW.duration_ms,
    'nodesExecuted', NEW.nodes_executed)));
END;
