-- Events are counted as they come in, and a run that was asked for later waits from that time on only. Written by hand.
CREATE TRIGGER events_counted AFTER INSERT ON events BEGIN
  INSERT INTO event_counts(org_id, day, n) VALUES (NEW.org_id, NEW.received_at / 86400000 * 86400000, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
--> statement-breakpoint
INSERT INTO event_counts(org_id, day, n) SELECT org_id, received_at / 86400000 * 86400000, count(*) FROM events GROUP BY 1, 2;
--> statement-breakpoint
DROP TRIGGER executions_rolled_up;
--> statement-breakpoint
DROP TRIGGER executions_rolled_up_again;
--> statement-breakpoint
CREATE TRIGGER executions_rolled_up AFTER INSERT ON executions WHEN NEW.dry_run = 0 BEGIN
  INSERT INTO execution_rollups(org_id, day, workflow_id, started, completed, failed, cancelled, timed_out, duration_sum, duration_max, nodes,
    lagged, lag_sum, slots, durations, lags)
  SELECT NEW.org_id, NEW.created_at / 86400000 * 86400000, NEW.workflow_id, 1, NEW.status = 'completed', NEW.status = 'failed', NEW.status = 'cancelled',
    NEW.status = 'timed_out', (NEW.status NOT IN ('queued', 'running', 'waiting')) * coalesce(NEW.duration_ms, 0), (NEW.status NOT IN ('queued', 'running', 'waiting')) * coalesce(NEW.duration_ms, 0),
    (NEW.status NOT IN ('queued', 'running', 'waiting')) * NEW.nodes_executed, NEW.started_at IS NOT NULL, coalesce(max(0, NEW.started_at - max(NEW.created_at, coalesce(NEW.scheduled_at, 0))), 0),
    CASE WHEN (NEW.status NOT IN ('queued', 'running', 'waiting')) THEN json_object((NEW.created_at % 86400000 / 900000) || 's', 1, (NEW.created_at % 86400000 / 900000) || CASE NEW.status WHEN 'completed' THEN 'c' WHEN 'failed' THEN 'f' WHEN 'cancelled' THEN 'x' ELSE 't' END, 1, (NEW.created_at % 86400000 / 900000) || 'd', coalesce(NEW.duration_ms, 0))
      ELSE json_object((NEW.created_at % 86400000 / 900000) || 's', 1) END,
    CASE WHEN (NEW.status NOT IN ('queued', 'running', 'waiting')) AND NEW.duration_ms IS NOT NULL THEN json_object((NEW.created_at % 86400000 / 3600000) || '.' || (CASE WHEN NEW.duration_ms < 1 THEN 0 ELSE 1 + CAST(4 * log2(NEW.duration_ms) AS INTEGER) END), 1) ELSE '{}' END,
    CASE WHEN NEW.started_at IS NOT NULL THEN json_object((NEW.created_at % 86400000 / 3600000) || '.' || (CASE WHEN max(0, NEW.started_at - max(NEW.created_at, coalesce(NEW.scheduled_at, 0))) < 1 THEN 0 ELSE 1 + CAST(4 * log2(max(0, NEW.started_at - max(NEW.created_at, coalesce(NEW.scheduled_at, 0)))) AS INTEGER) END), 1) ELSE '{}' END
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
CREATE TRIGGER executions_rolled_up_again AFTER UPDATE OF status, duration_ms, nodes_executed, started_at, scheduled_at ON executions
WHEN NEW.dry_run = 0 AND (OLD.started_at IS NOT NEW.started_at OR (NEW.started_at IS NOT NULL AND OLD.scheduled_at IS NOT NEW.scheduled_at) OR (
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
    lag_sum = lag_sum + coalesce(max(0, NEW.started_at - max(NEW.created_at, coalesce(NEW.scheduled_at, 0))), 0) - coalesce(max(0, OLD.started_at - max(OLD.created_at, coalesce(OLD.scheduled_at, 0))), 0),
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
        SELECT CASE WHEN max(0, OLD.started_at - max(OLD.created_at, coalesce(OLD.scheduled_at, 0))) < 1 THEN 0 ELSE 1 + CAST(4 * log2(max(0, OLD.started_at - max(OLD.created_at, coalesce(OLD.scheduled_at, 0)))) AS INTEGER) END AS b, -1 AS n WHERE OLD.started_at IS NOT NULL
        UNION ALL SELECT CASE WHEN max(0, NEW.started_at - max(NEW.created_at, coalesce(NEW.scheduled_at, 0))) < 1 THEN 0 ELSE 1 + CAST(4 * log2(max(0, NEW.started_at - max(NEW.created_at, coalesce(NEW.scheduled_at, 0)))) AS INTEGER) END, 1 WHERE NEW.started_at IS NOT NULL
      ) GROUP BY b HAVING sum(n) <> 0
    ) d))
  WHERE org_id = NEW.org_id AND day = NEW.created_at / 86400000 * 86400000 AND workflow_id = NEW.workflow_id;
END;
