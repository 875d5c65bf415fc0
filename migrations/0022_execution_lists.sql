CREATE INDEX `executions_workflow_status` ON `executions` (`org_id`,`workflow_id`,`status`,`id`);--> statement-breakpoint
CREATE INDEX `executions_status` ON `executions` (`org_id`,`status`,`id`);