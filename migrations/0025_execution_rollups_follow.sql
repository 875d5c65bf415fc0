-- Rollups of executions: see src/db/schema/execution-rollups.ts, execution-errors.ts, node-rollups.ts, service-rollups.ts. Written by hand.

-- execution_counts and rollups had one trigger; each has its own now, so that either can change alone.
DROP TRIGGER executions_counted;
--> statement-breakpoint
DROP TRIGGER executions_end_counted;
--> statement-breakpoint
CREATE TRIGGER executions_counted AFTER INSERT ON executions WHEN NEW.dry_run = 0 BEGIN
  INSERT INTO execution_counts(org_id, workflow_id, status, n) VALUES (NEW.org_id, NEW.workflow_id, NEW.status, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
--> statement-breakpoint

-- What the rollups were by the hour; an hour counts as its first quarter.
INSERT INTO execution_rollups(org_id, day, workflow_id, started, completed, failed, cancelled, timed_out, duration_sum, duration_max, nodes, slots)
  SELECT r.org_id, r.hour / 86400000 * 86400000, r.workflow_id, sum(r.started), sum(r.completed), sum(r.failed), sum(r.cancelled), sum(r.timed_out),
    sum(r.duration_sum), max(r.duration_max), sum(r.nodes), (
      SELECT json_group_object((o.hour % 86400000 / 3600000 * 4) || l.value, CASE l.value WHEN 's' THEN o.started WHEN 'c' THEN o.completed
        WHEN 'f' THEN o.failed WHEN 'x' THEN o.cancelled WHEN 't' THEN o.timed_out ELSE o.duration_sum END)
      FROM rollups_hourly o, json_each('["s", "c", "f", "x", "t", "d"]') l
      WHERE o.org_id = r.org_id AND o.workflow_id = r.workflow_id AND o.hour / 86400000 = r.hour / 86400000
    )
  FROM rollups_hourly r GROUP BY r.org_id, r.workflow_id, r.hour / 86400000;
--> statement-breakpoint
-- What only the executions can tell that are still there.
UPDATE execution_rollups SET
  durations = (
    SELECT json_group_object(k, n) FROM (
      SELECT (x.created_at % 86400000 / 3600000) || '.' || (CASE WHEN x.duration_ms < 1 THEN 0 ELSE 1 + CAST(4 * log2(x.duration_ms) AS INTEGER) END) AS k, count(*) AS n FROM executions x
      WHERE x.org_id = execution_rollups.org_id AND x.workflow_id = execution_rollups.workflow_id AND x.dry_run = 0
        AND x.created_at / 86400000 * 86400000 = execution_rollups.day AND (x.status NOT IN ('queued', 'running', 'waiting')) AND x.duration_ms IS NOT NULL GROUP BY 1
    )
  ),
  lags = (
    SELECT json_group_object(k, n) FROM (
      SELECT (x.created_at % 86400000 / 3600000) || '.' || (CASE WHEN max(0, x.started_at - x.created_at) < 1 THEN 0 ELSE 1 + CAST(4 * log2(max(0, x.started_at - x.created_at)) AS INTEGER) END) AS k, count(*) AS n FROM executions x
      WHERE x.org_id = execution_rollups.org_id AND x.workflow_id = execution_rollups.workflow_id AND x.dry_run = 0
        AND x.created_at / 86400000 * 86400000 = execution_rollups.day AND x.started_at IS NOT NULL GROUP BY 1
    )
  ),
  (lagged, lag_sum) = (
    SELECT count(*), coalesce(sum(max(0, x.started_at - x.created_at)), 0) FROM executions x
    WHERE x.org_id = execution_rollups.org_id AND x.workflow_id = execution_rollups.workflow_id AND x.dry_run = 0
      AND x.created_at / 86400000 * 86400000 = execution_rollups.day AND x.started_at IS NOT NULL
  );
--> statement-breakpoint
INSERT INTO execution_errors(org_id, day, workflow_id, code, node_id, n, message, first_at, last_at, slots, samples)
  SELECT org_id, day, workflow_id, '', node_id, sum(n), max(message), min(first_at), max(last_at), json_group_object(slot, n), json_array(max(id))
  FROM (
    SELECT x.org_id, x.created_at / 86400000 * 86400000 AS day, x.workflow_id, coalesce(x.error_node_id, '') AS node_id, (x.created_at % 86400000 / 900000) AS slot, count(*) AS n,
      substr(max(coalesce(x.error, '')), 1, 300) AS message, min(coalesce(x.ended_at, x.updated_at)) AS first_at,
      max(coalesce(x.ended_at, x.updated_at)) AS last_at, max(x.id) AS id
    FROM executions x WHERE x.dry_run = 0 AND x.status IN ('failed', 'timed_out') GROUP BY 1, 2, 3, 4, 5
  ) GROUP BY org_id, day, workflow_id, node_id;
--> statement-breakpoint
INSERT INTO node_rollups(org_id, day, workflow_id, nodes)
  SELECT org_id, day, workflow_id, json_group_object(node, json(tally)) FROM (
    SELECT org_id, day, workflow_id, node, json_group_object(k, n) AS tally FROM (
      SELECT s.org_id, s.ended_at / 86400000 * 86400000 AS day, x.workflow_id, s.node_type || '/' || s.node_id AS node, t.key AS k, sum(t.value) AS n
      FROM execution_steps s JOIN executions x ON x.org_id = s.org_id AND x.id = s.execution_id,
        json_each(json_object('n', 1, 'ok', s.status = 'completed', 'failed', s.status = 'failed', 'tries', s.attempts,
          'ms', max(0, s.ended_at - s.started_at), '' || CASE WHEN s.ended_at - s.started_at < 1 THEN 0 ELSE 1 + CAST(4 * log2(s.ended_at - s.started_at) AS INTEGER) END, 1)) t
      WHERE x.dry_run = 0 AND s.ended_at IS NOT NULL AND t.value <> 0 GROUP BY 1, 2, 3, 4, 5
    ) GROUP BY 1, 2, 3, 4
  ) GROUP BY 1, 2, 3;
--> statement-breakpoint
DROP TABLE rollups_hourly;
--> statement-breakpoint

-- Each follows from the difference between the row before and the row after, so writing the same row twice counts once.
CREATE TRIGGER executions_rolled_up AFTER INSERT ON executions WHEN NEW.dry_run = 0 BEGIN
  INSERT INTO execution_rollups(org_id, day, workflow_id, started, completed, failed, cancelled, timed_out, duration_sum, duration_max, nodes,
    lagged, lag_sum, slots, durations, lags)
  SELECT NEW.org_id, NEW.created_at / 86400000 * 86400000, NEW.workflow_id, 1, NEW.status = 'completed', NEW.status = 'failed', NEW.status = 'cancelled',
    NEW.status = 'timed_out', (NEW.status NOT IN ('queued', 'running', 'waiting')) * coalesce(NEW.duration_ms, 0), (NEW.status NOT IN ('queued', 'running', 'waiting')) * coalesce(NEW.duration_ms, 0),
    (NEW.status NOT IN ('queued', 'running', 'waiting')) * NEW.nodes_executed, NEW.started_at IS NOT NULL, coalesce(max(0, NEW.started_at - NEW.created_at), 0),
    CASE WHEN (NEW.status NOT IN ('queued', 'running', 'waiting')) THEN json_object((NEW.created_at % 86400000 / 900000) || 's', 1, (NEW.created_at % 86400000 / 900000) || CASE NEW.status WHEN 'completed' THEN 'c' WHEN 'failed' THEN 'f' WHEN 'cancelled' THEN 'x' ELSE 't' END, 1, (NEW.created_at % 86400000 / 900000) || 'd', coalesce(NEW.duration_ms, 0))
      ELSE json_object((NEW.created_at % 86400000 / 900000) || 's', 1) END,
    CASE WHEN (NEW.status NOT IN ('queued', 'running', 'waiting')) AND NEW.duration_ms IS NOT NULL THEN json_object((NEW.created_at % 86400000 / 3600000) || '.' || (CASE WHEN NEW.duration_ms < 1 THEN 0 ELSE 1 + CAST(4 * log2(NEW.duration_ms) AS INTEGER) END), 1) ELSE '{}' END,
    CASE WHEN NEW.started_at IS NOT NULL THEN json_object((NEW.created_at % 86400000 / 3600000) || '.' || (CASE WHEN max(0, NEW.started_at - NEW.created_at) < 1 THEN 0 ELSE 1 + CAST(4 * log2(max(0, NEW.started_at - NEW.created_at)) AS INTEGER) END), 1) ELSE '{}' END
  WHERE true
  ON CONFLICT DO UPDATE SET
    started = started + 1,
    completed = completed + excluded.completed,
    failed = failed + excluded.failed,
    cancelled = cancelled + excluded.cancelled,
    timed_out = timed_out + excluded.timed_out,
    duration_sum = duration_sum + excluded.duration_sum,
    duration_max = max(duration_max, excluded.duration_max),
    nodes = nodes + excluded.nodes,
    lagged = lagged + excluded.lagged,
    lag_sum = lag_sum + excluded.lag_sum,
    slots = json_patch(slots, (SELECT json_group_object(d.k, d.n + coalesce(slots ->> ('$."' || d.k || '"'), 0)) FROM (SELECT key AS k, value AS n FROM json_each(excluded.slots)) d)),
    durations = json_patch(durations, (SELECT json_group_object(d.k, d.n + coalesce(durations ->> ('$."' || d.k || '"'), 0)) FROM (SELECT key AS k, value AS n FROM json_each(excluded.durations)) d)),
    lags = json_patch(lags, (SELECT json_group_object(d.k, d.n + coalesce(lags ->> ('$."' || d.k || '"'), 0)) FROM (SELECT key AS k, value AS n FROM json_each(excluded.lags)) d));
END;
--> statement-breakpoint
CREATE TRIGGER executions_rolled_up_again AFTER UPDATE OF status, duration_ms, nodes_executed, started_at ON executions
WHEN NEW.dry_run = 0 AND (OLD.started_at IS NOT NEW.started_at OR (
  (OLD.status NOT IN ('queued', 'running', 'waiting') OR NEW.status NOT IN ('queued', 'running', 'waiting'))
  AND (OLD.status <> NEW.status OR OLD.duration_ms IS NOT NEW.duration_ms OR OLD.nodes_executed <> NEW.nodes_executed)
)) BEGIN
  UPDATE execution_rollups SET
    completed = completed + (NEW.status = 'completed') - (OLD.status = 'completed'),
    failed = failed + (NEW.status = 'failed') - (OLD.status = 'failed'),
    cancelled = cancelled + (NEW.status = 'cancelled') - (OLD.status = 'cancelled'),
    timed_out = timed_out + (NEW.status = 'timed_out') - (OLD.status = 'timed_out'),
    duration_sum = duration_sum + (NEW.status NOT IN ('queued', 'running', 'waiting')) * coalesce(NEW.duration_ms, 0) - (OLD.status NOT IN ('queued', 'running', 'waiting')) * coalesce(OLD.duration_ms, 0),
    duration_max = max(duration_max, (NEW.status NOT IN ('queued', 'running', 'waiting')) * coalesce(NEW.duration_ms, 0)),
    nodes = nodes + (NEW.status NOT IN ('queued', 'running', 'waiting')) * NEW.nodes_executed - (OLD.status NOT IN ('queued', 'running', 'waiting')) * OLD.nodes_executed,
    lagged = lagged + (NEW.started_at IS NOT NULL) - (OLD.started_at IS NOT NULL),
    lag_sum = lag_sum + coalesce(max(0, NEW.started_at - NEW.created_at), 0) - coalesce(max(0, OLD.started_at - OLD.created_at), 0),
    slots = json_patch(slots, (SELECT json_group_object(d.k, d.n + coalesce(slots ->> ('$."' || d.k || '"'), 0)) FROM (
      SELECT k, sum(n) AS n FROM (
        SELECT (OLD.created_at % 86400000 / 900000) || CASE OLD.status WHEN 'completed' THEN 'c' WHEN 'failed' THEN 'f' WHEN 'cancelled' THEN 'x' ELSE 't' END AS k, -1 AS n WHERE (OLD.status NOT IN ('queued', 'running', 'waiting'))
        UNION ALL SELECT (NEW.created_at % 86400000 / 900000) || CASE NEW.status WHEN 'completed' THEN 'c' WHEN 'failed' THEN 'f' WHEN 'cancelled' THEN 'x' ELSE 't' END, 1 WHERE (NEW.status NOT IN ('queued', 'running', 'waiting'))
        UNION ALL SELECT (NEW.created_at % 86400000 / 900000) || 'd', (NEW.status NOT IN ('queued', 'running', 'waiting')) * coalesce(NEW.duration_ms, 0) - (OLD.status NOT IN ('queued', 'running', 'waiting')) * coalesce(OLD.duration_ms, 0)
      ) GROUP BY k HAVING sum(n) <> 0
    ) d)),
    durations = json_patch(durations, (SELECT json_group_object(d.k, d.n + coalesce(durations ->> ('$."' || d.k || '"'), 0)) FROM (
      SELECT (NEW.created_at % 86400000 / 3600000) || '.' || b AS k, sum(n) AS n FROM (
        SELECT CASE WHEN OLD.duration_ms < 1 THEN 0 ELSE 1 + CAST(4 * log2(OLD.duration_ms) AS INTEGER) END AS b, -1 AS n WHERE (OLD.status NOT IN ('queued', 'running', 'waiting')) AND OLD.duration_ms IS NOT NULL
        UNION ALL SELECT CASE WHEN NEW.duration_ms < 1 THEN 0 ELSE 1 + CAST(4 * log2(NEW.duration_ms) AS INTEGER) END, 1 WHERE (NEW.status NOT IN ('queued', 'running', 'waiting')) AND NEW.duration_ms IS NOT NULL
      ) GROUP BY b HAVING sum(n) <> 0
    ) d)),
    lags = json_patch(lags, (SELECT json_group_object(d.k, d.n + coalesce(lags ->> ('$."' || d.k || '"'), 0)) FROM (
      SELECT (NEW.created_at % 86400000 / 3600000) || '.' || b AS k, sum(n) AS n FROM (
        SELECT CASE WHEN max(0, OLD.started_at - OLD.created_at) < 1 THEN 0 ELSE 1 + CAST(4 * log2(max(0, OLD.started_at - OLD.created_at)) AS INTEGER) END AS b, -1 AS n WHERE OLD.started_at IS NOT NULL
        UNION ALL SELECT CASE WHEN max(0, NEW.started_at - NEW.created_at) < 1 THEN 0 ELSE 1 + CAST(4 * log2(max(0, NEW.started_at - NEW.created_at)) AS INTEGER) END, 1 WHERE NEW.started_at IS NOT NULL
      ) GROUP BY b HAVING sum(n) <> 0
    ) d))
  WHERE org_id = NEW.org_id AND day = NEW.created_at / 86400000 * 86400000 AND workflow_id = NEW.workflow_id;
END;
--> statement-breakpoint

CREATE TRIGGER executions_failed AFTER INSERT ON executions WHEN NEW.dry_run = 0 AND NEW.status IN ('failed', 'timed_out') BEGIN
  INSERT INTO execution_errors(org_id, day, workflow_id, code, node_id, n, message, first_at, last_at, slots, samples)
    VALUES (
      NEW.org_id, NEW.created_at / 86400000 * 86400000, NEW.workflow_id, coalesce(NEW.error_code, ''), coalesce(NEW.error_node_id, ''), 1,
      substr(coalesce(NEW.error, ''), 1, 300), coalesce(NEW.ended_at, NEW.updated_at), coalesce(NEW.ended_at, NEW.updated_at),
      json_object((NEW.created_at % 86400000 / 900000) || '', 1), json_array(NEW.id)
    )
    ON CONFLICT DO UPDATE SET
      n = n + 1,
      message = CASE WHEN excluded.last_at >= last_at THEN excluded.message ELSE message END,
      first_at = min(first_at, excluded.first_at),
      last_at = max(last_at, excluded.last_at),
      slots = json_patch(slots, (SELECT json_group_object(d.k, d.n + coalesce(slots ->> ('$."' || d.k || '"'), 0)) FROM (SELECT key AS k, value AS n FROM json_each(excluded.slots)) d)),
      samples = (
        SELECT json_group_array(value) FROM (
          SELECT value FROM (SELECT NEW.id AS value, -1 AS place UNION ALL SELECT value, key FROM json_each(samples) WHERE value <> NEW.id)
          ORDER BY place LIMIT 5
        )
      );
END;
--> statement-breakpoint
CREATE TRIGGER executions_failing AFTER UPDATE OF status, error_code, error_node_id ON executions
WHEN NEW.dry_run = 0 AND (OLD.status IN ('failed', 'timed_out') OR NEW.status IN ('failed', 'timed_out')) AND (
  (OLD.status IN ('failed', 'timed_out')) <> (NEW.status IN ('failed', 'timed_out'))
  OR coalesce(OLD.error_code, '') <> coalesce(NEW.error_code, '') OR coalesce(OLD.error_node_id, '') <> coalesce(NEW.error_node_id, '')
) BEGIN
  UPDATE execution_errors SET
    n = n - 1,
    slots = json_patch(slots, (SELECT json_group_object(d.k, d.n + coalesce(slots ->> ('$."' || d.k || '"'), 0)) FROM (SELECT (OLD.created_at % 86400000 / 900000) AS k, -1 AS n) d)),
    samples = (SELECT json_group_array(value) FROM json_each(samples) WHERE value <> OLD.id)
  WHERE OLD.status IN ('failed', 'timed_out') AND org_id = OLD.org_id AND day = OLD.created_at / 86400000 * 86400000 AND workflow_id = OLD.workflow_id
    AND code = coalesce(OLD.error_code, '') AND node_id = coalesce(OLD.error_node_id, '');
  INSERT INTO execution_errors(org_id, day, workflow_id, code, node_id, n, message, first_at, last_at, slots, samples)
    SELECT
      NEW.org_id, NEW.created_at / 86400000 * 86400000, NEW.workflow_id, coalesce(NEW.error_code, ''), coalesce(NEW.error_node_id, ''), 1,
      substr(coalesce(NEW.error, ''), 1, 300), coalesce(NEW.ended_at, NEW.updated_at), coalesce(NEW.ended_at, NEW.updated_at),
      json_object((NEW.created_at % 86400000 / 900000) || '', 1), json_array(NEW.id)
    WHERE NEW.status IN ('failed', 'timed_out')
    ON CONFLICT DO UPDATE SET
      n = n + 1,
      message = CASE WHEN excluded.last_at >= last_at THEN excluded.message ELSE message END,
      first_at = min(first_at, excluded.first_at),
      last_at = max(last_at, excluded.last_at),
      slots = json_patch(slots, (SELECT json_group_object(d.k, d.n + coalesce(slots ->> ('$."' || d.k || '"'), 0)) FROM (SELECT key AS k, value AS n FROM json_each(excluded.slots)) d)),
      samples = (
        SELECT json_group_array(value) FROM (
          SELECT value FROM (SELECT NEW.id AS value, -1 AS place UNION ALL SELECT value, key FROM json_each(samples) WHERE value <> NEW.id)
          ORDER BY place LIMIT 5
        )
      );
END;
