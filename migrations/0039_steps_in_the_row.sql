-- What lists and analytics need of a run's steps is kept in the run's row: one row written, however many steps. See src/db/schema/execution-steps.ts.
ALTER TABLE `executions` ADD `steps` text;
--> statement-breakpoint
UPDATE executions SET steps = (
  SELECT json_group_object(s.n, json_patch('{}', json_object('nodeId', s.node_id, 'nodeType', s.node_type, 'visit', s.visit, 'status', s.status,
    'startedAt', s.started_at, 'endedAt', s.ended_at, 'attempts', s.attempts, 'error', s.error, 'waitMs', nullif(s.wait_ms, 0), 'service', s.service)))
  FROM (SELECT * FROM execution_steps s WHERE s.org_id = executions.org_id AND s.execution_id = executions.id ORDER BY s.n LIMIT 4000) s
);
--> statement-breakpoint
DROP TABLE `execution_steps`;
--> statement-breakpoint
CREATE VIEW execution_steps AS
  SELECT x.org_id, x.id AS execution_id, CAST(s.key AS INTEGER) AS n, s.value ->> 'nodeId' AS node_id, s.value ->> 'nodeType' AS node_type,
    s.value ->> 'visit' AS visit, s.value ->> 'status' AS status, s.value ->> 'startedAt' AS started_at, s.value ->> 'endedAt' AS ended_at,
    s.value ->> 'attempts' AS attempts, s.value ->> 'error' AS error, coalesce(s.value ->> 'waitMs', 0) AS wait_ms, s.value ->> 'service' AS service
  FROM executions x CROSS JOIN json_each(x.steps) s;
