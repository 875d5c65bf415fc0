-- Entries of contacts into nodes follow from what runs report of themselves, as the difference between the row before and the row after: the same
-- report twice, or an older one, counts nothing. What retention deletes stays counted. Written by hand.
CREATE TRIGGER executions_entries_counted AFTER INSERT ON executions WHEN NEW.entries IS NOT NULL AND NEW.dry_run = 0 BEGIN
  INSERT INTO node_entries(org_id, workflow_id, node_id, n)
    SELECT NEW.org_id, NEW.workflow_id, e.key, e.value FROM json_each(NEW.entries) e WHERE true
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;
--> statement-breakpoint
CREATE TRIGGER executions_entries_recounted AFTER UPDATE OF entries ON executions
WHEN NEW.dry_run = 0 AND NEW.entries IS NOT NULL AND NEW.entries IS NOT OLD.entries BEGIN
  INSERT INTO node_entries(org_id, workflow_id, node_id, n)
    SELECT NEW.org_id, NEW.workflow_id, e.key, e.value - coalesce(o.value, 0)
    FROM json_each(NEW.entries) e LEFT JOIN json_each(coalesce(OLD.entries, '{}')) o ON o.key = e.key
    WHERE e.value <> coalesce(o.value, 0)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;
