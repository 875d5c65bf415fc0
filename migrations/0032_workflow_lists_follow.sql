-- What lists of workflows count and offer follows from their rows; when a workflow ran last, and how often, from its executions. Written by hand; see
-- src/db/schema/workflow-labels.ts, execution-counts.ts.

CREATE TRIGGER workflows_labelled AFTER INSERT ON workflows BEGIN
  INSERT INTO workflow_labels(org_id, status, kind, value, n)
    SELECT NEW.org_id, NEW.status, kind, value, 1 FROM (
      SELECT 'all' AS kind, '' AS value
      UNION SELECT 'category', NEW.category WHERE NEW.category IS NOT NULL
      UNION SELECT 'tag', value FROM json_each(NEW.tags)
    ) WHERE true
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
--> statement-breakpoint
CREATE TRIGGER workflows_unlabelled AFTER DELETE ON workflows BEGIN
  UPDATE workflow_labels SET n = n - 1 WHERE org_id = OLD.org_id AND status = OLD.status AND (
    kind = 'all'
    OR (kind = 'category' AND value = OLD.category)
    OR (kind = 'tag' AND value IN (SELECT value FROM json_each(OLD.tags)))
  );
  DELETE FROM workflow_labels WHERE org_id = OLD.org_id AND status = OLD.status AND n = 0;
END;
--> statement-breakpoint
CREATE TRIGGER workflows_relabelled AFTER UPDATE OF status, category, tags ON workflows
WHEN OLD.status <> NEW.status OR OLD.category IS NOT NEW.category OR OLD.tags <> NEW.tags BEGIN
  UPDATE workflow_labels SET n = n - 1 WHERE org_id = OLD.org_id AND status = OLD.status AND (
    kind = 'all'
    OR (kind = 'category' AND value = OLD.category)
    OR (kind = 'tag' AND value IN (SELECT value FROM json_each(OLD.tags)))
  );
  INSERT INTO workflow_labels(org_id, status, kind, value, n)
    SELECT NEW.org_id, NEW.status, kind, value, 1 FROM (
      SELECT 'all' AS kind, '' AS value
      UNION SELECT 'category', NEW.category WHERE NEW.category IS NOT NULL
      UNION SELECT 'tag', value FROM json_each(NEW.tags)
    ) WHERE true
    ON CONFLICT DO UPDATE SET n = n + 1;
  DELETE FROM workflow_labels WHERE org_id = OLD.org_id AND status = OLD.status AND n = 0;
END;
--> statement-breakpoint
INSERT INTO workflow_labels(org_id, status, kind, value, n)
  SELECT org_id, status, 'all', '', count(*) FROM workflows GROUP BY org_id, status
  UNION ALL SELECT org_id, status, 'category', category, count(*) FROM workflows WHERE category IS NOT NULL GROUP BY org_id, status, category
  UNION ALL SELECT w.org_id, w.status, 'tag', t.value, count(DISTINCT w.n) FROM workflows w, json_each(w.tags) t GROUP BY w.org_id, w.status, t.value;
--> statement-breakpoint

DROP TRIGGER executions_counted;
--> statement-breakpoint
CREATE TRIGGER executions_counted AFTER INSERT ON executions WHEN NEW.dry_run = 0 BEGIN
  INSERT INTO execution_counts(org_id, workflow_id, status, n, last_at) VALUES (NEW.org_id, NEW.workflow_id, NEW.status, 1, NEW.created_at)
    ON CONFLICT DO UPDATE SET n = n + 1, last_at = max(coalesce(last_at, 0), excluded.last_at);
END;
--> statement-breakpoint
DROP TRIGGER executions_uncounted;
--> statement-breakpoint
-- Retention takes a row off the lists, so off their totals; that it ran stays known.
CREATE TRIGGER executions_uncounted AFTER DELETE ON executions WHEN OLD.dry_run = 0 BEGIN
  UPDATE execution_counts SET n = n - 1, gone = gone + 1 WHERE org_id = OLD.org_id AND workflow_id = OLD.workflow_id AND status = OLD.status;
END;
--> statement-breakpoint
UPDATE execution_counts SET last_at = (
  SELECT max(e.created_at) FROM executions e WHERE e.org_id = execution_counts.org_id AND e.workflow_id = execution_counts.workflow_id
    AND e.status = execution_counts.status AND e.dry_run = 0
);
