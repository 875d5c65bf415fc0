-- What drizzle cannot say: the search index, the counters, and rows that never change. Written by hand; see README.md.

-- Search in names and descriptions of workflows, by any three or more characters. Row ids are workflows.n.
CREATE VIRTUAL TABLE workflow_search USING fts5(name, description, content='workflows', content_rowid='n', tokenize='trigram remove_diacritics 1');
--> statement-breakpoint
CREATE TRIGGER workflow_search_insert AFTER INSERT ON workflows BEGIN
  INSERT INTO workflow_search(rowid, name, description) VALUES (NEW.n, NEW.name, NEW.description);
END;
--> statement-breakpoint
CREATE TRIGGER workflow_search_delete AFTER DELETE ON workflows BEGIN
  INSERT INTO workflow_search(workflow_search, rowid, name, description) VALUES ('delete', OLD.n, OLD.name, OLD.description);
END;
--> statement-breakpoint
CREATE TRIGGER workflow_search_update AFTER UPDATE OF name, description ON workflows
WHEN OLD.name <> NEW.name OR OLD.description <> NEW.description BEGIN
  INSERT INTO workflow_search(workflow_search, rowid, name, description) VALUES ('delete', OLD.n, OLD.name, OLD.description);
  INSERT INTO workflow_search(rowid, name, description) VALUES (NEW.n, NEW.name, NEW.description);
END;
--> statement-breakpoint

-- Counters of executions. They follow from the difference between the old row and the new one, so writing the same row twice counts once.
CREATE TRIGGER executions_counted AFTER INSERT ON executions WHEN NEW.dry_run = 0 BEGIN
  INSERT INTO execution_counts(org_id, workflow_id, status, n) VALUES (NEW.org_id, NEW.workflow_id, NEW.status, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
  INSERT INTO rollups_hourly(org_id, workflow_id, hour, started, completed, failed, cancelled, timed_out, duration_sum, duration_max, nodes)
    VALUES (
      NEW.org_id, NEW.workflow_id, NEW.created_at / 3600000 * 3600000, 1,
      NEW.status = 'completed', NEW.status = 'failed', NEW.status = 'cancelled', NEW.status = 'timed_out',
      (NEW.status NOT IN ('queued', 'running', 'waiting')) * coalesce(NEW.duration_ms, 0),
      (NEW.status NOT IN ('queued', 'running', 'waiting')) * coalesce(NEW.duration_ms, 0),
      (NEW.status NOT IN ('queued', 'running', 'waiting')) * NEW.nodes_executed
    )
    ON CONFLICT DO UPDATE SET
      started = started + 1,
      completed = completed + excluded.completed,
      failed = failed + excluded.failed,
      cancelled = cancelled + excluded.cancelled,
      timed_out = timed_out + excluded.timed_out,
      duration_sum = duration_sum + excluded.duration_sum,
      duration_max = max(duration_max, excluded.duration_max),
      nodes = nodes + excluded.nodes;
END;
--> statement-breakpoint
CREATE TRIGGER executions_status_counted AFTER UPDATE OF status ON executions WHEN NEW.dry_run = 0 AND OLD.status <> NEW.status BEGIN
  UPDATE execution_counts SET n = n - 1 WHERE org_id = OLD.org_id AND workflow_id = OLD.workflow_id AND status = OLD.status;
  INSERT INTO execution_counts(org_id, workflow_id, status, n) VALUES (NEW.org_id, NEW.workflow_id, NEW.status, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
--> statement-breakpoint
CREATE TRIGGER executions_end_counted AFTER UPDATE OF status, duration_ms, nodes_executed ON executions
WHEN NEW.dry_run = 0
  AND (OLD.status NOT IN ('queued', 'running', 'waiting') OR NEW.status NOT IN ('queued', 'running', 'waiting'))
  AND (OLD.status <> NEW.status OR OLD.duration_ms IS NOT NEW.duration_ms OR OLD.nodes_executed <> NEW.nodes_executed) BEGIN
  UPDATE rollups_hourly SET
    completed = completed + (NEW.status = 'completed') - (OLD.status = 'completed'),
    failed = failed + (NEW.status = 'failed') - (OLD.status = 'failed'),
    cancelled = cancelled + (NEW.status = 'cancelled') - (OLD.status = 'cancelled'),
    timed_out = timed_out + (NEW.status = 'timed_out') - (OLD.status = 'timed_out'),
    duration_sum = duration_sum + (NEW.status NOT IN ('queued', 'running', 'waiting')) * coalesce(NEW.duration_ms, 0)
      - (OLD.status NOT IN ('queued', 'running', 'waiting')) * coalesce(OLD.duration_ms, 0),
    duration_max = max(duration_max, (NEW.status NOT IN ('queued', 'running', 'waiting')) * coalesce(NEW.duration_ms, 0)),
    nodes = nodes + (NEW.status NOT IN ('queued', 'running', 'waiting')) * NEW.nodes_executed - (OLD.status NOT IN ('queued', 'running', 'waiting')) * OLD.nodes_executed
  WHERE org_id = NEW.org_id AND workflow_id = NEW.workflow_id AND hour = NEW.created_at / 3600000 * 3600000;
END;
--> statement-breakpoint
-- Retention takes a row off the lists, so off their totals; what it did stays in the rollup.
CREATE TRIGGER executions_uncounted AFTER DELETE ON executions WHEN OLD.dry_run = 0 BEGIN
  UPDATE execution_counts SET n = n - 1 WHERE org_id = OLD.org_id AND workflow_id = OLD.workflow_id AND status = OLD.status;
END;
--> statement-breakpoint
CREATE TRIGGER executions_fixed BEFORE UPDATE OF org_id, id, workflow_id, dry_run, created_at ON executions
WHEN OLD.org_id <> NEW.org_id OR OLD.id <> NEW.id OR OLD.workflow_id <> NEW.workflow_id
  OR OLD.dry_run <> NEW.dry_run OR OLD.created_at <> NEW.created_at BEGIN
  SELECT RAISE(ABORT, 'org_id, id, workflow_id, dry_run and created_at of an execution never change');
END;
--> statement-breakpoint

-- An organisation always has an owner, whoever leaves at the same time.
CREATE TRIGGER members_owner_leaves BEFORE DELETE ON members WHEN OLD.role = 'owner' AND NOT EXISTS (
  SELECT 1 FROM members WHERE org_id = OLD.org_id AND role = 'owner' AND user_id <> OLD.user_id
) BEGIN
  SELECT RAISE(ABORT, 'an organisation keeps an owner');
END;
--> statement-breakpoint
CREATE TRIGGER members_owner_demoted BEFORE UPDATE OF role ON members WHEN OLD.role = 'owner' AND NEW.role <> 'owner' AND NOT EXISTS (
  SELECT 1 FROM members WHERE org_id = OLD.org_id AND role = 'owner' AND user_id <> OLD.user_id
) BEGIN
  SELECT RAISE(ABORT, 'an organisation keeps an owner');
END;
--> statement-breakpoint

-- Rows that are history.
CREATE TRIGGER workflow_versions_fixed BEFORE UPDATE ON workflow_versions BEGIN
  SELECT RAISE(ABORT, 'a workflow version never changes');
END;
--> statement-breakpoint
CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'an audit row never changes');
END;
--> statement-breakpoint
CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'an audit row is never deleted');
END;
