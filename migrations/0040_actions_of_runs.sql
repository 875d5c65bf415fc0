-- See src/db/schema/execution-actions.ts; what follows the table is written by hand.
CREATE TABLE `execution_actions` (
	`org_id` text NOT NULL,
	`node_id` text NOT NULL,
	`execution_id` text NOT NULL,
	PRIMARY KEY(`org_id`, `node_id`, `execution_id`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO execution_actions (org_id, node_id, execution_id)
  SELECT DISTINCT org_id, node_id, execution_id FROM execution_steps WHERE node_id GLOB 'a_????????-????-????-????-????????????';
--> statement-breakpoint
CREATE TRIGGER executions_acted AFTER INSERT ON executions WHEN instr(NEW.steps, '"a_') > 0 BEGIN
  INSERT OR IGNORE INTO execution_actions (org_id, node_id, execution_id)
    SELECT NEW.org_id, s.value ->> 'nodeId', NEW.id FROM json_each(NEW.steps) s
    WHERE s.value ->> 'nodeId' GLOB 'a_????????-????-????-????-????????????';
END;
--> statement-breakpoint
CREATE TRIGGER executions_acted_again AFTER UPDATE OF steps ON executions WHEN instr(NEW.steps, '"a_') > 0 AND NEW.steps IS NOT OLD.steps BEGIN
  INSERT OR IGNORE INTO execution_actions (org_id, node_id, execution_id)
    SELECT NEW.org_id, s.value ->> 'nodeId', NEW.id FROM json_each(NEW.steps) s
    WHERE s.value ->> 'nodeId' GLOB 'a_????????-????-????-????-????????????';
END;
--> statement-breakpoint
CREATE TRIGGER executions_acts_forgotten AFTER DELETE ON executions WHEN instr(OLD.steps, '"a_') > 0 BEGIN
  DELETE FROM execution_actions WHERE org_id = OLD.org_id AND execution_id = OLD.id
    AND node_id IN (SELECT s.value ->> 'nodeId' FROM json_each(OLD.steps) s);
END;
