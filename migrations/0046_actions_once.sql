-- A projection is an upsert, whose way with conflicts is that of the triggers it fires, whatever these say (OR IGNORE): they look for themselves.
-- Every second report of a run of a marketing workflow failed.
DROP TRIGGER executions_acted;
--> statement-breakpoint
DROP TRIGGER executions_acted_again;
--> statement-breakpoint
CREATE TRIGGER executions_acted AFTER INSERT ON executions WHEN instr(NEW.steps, '"a_') > 0 BEGIN
  INSERT INTO execution_actions (org_id, node_id, execution_id)
    SELECT DISTINCT NEW.org_id, s.value ->> 'nodeId', NEW.id FROM json_each(NEW.steps) s
    WHERE s.value ->> 'nodeId' GLOB 'a_????????-????-????-????-????????????'
      AND NOT EXISTS (SELECT 1 FROM execution_actions a WHERE a.org_id = NEW.org_id AND a.node_id = s.value ->> 'nodeId' AND a.execution_id = NEW.id);
END;
--> statement-breakpoint
CREATE TRIGGER executions_acted_again AFTER UPDATE OF steps ON executions WHEN instr(NEW.steps, '"a_') > 0 AND NEW.steps IS NOT OLD.steps BEGIN
  INSERT INTO execution_actions (org_id, node_id, execution_id)
    SELECT DISTINCT NEW.org_id, s.value ->> 'nodeId', NEW.id FROM json_each(NEW.steps) s
    WHERE s.value ->> 'nodeId' GLOB 'a_????????-????-????-????-????????????'
      AND NOT EXISTS (SELECT 1 FROM execution_actions a WHERE a.org_id = NEW.org_id AND a.node_id = s.value ->> 'nodeId' AND a.execution_id = NEW.id);
END;
