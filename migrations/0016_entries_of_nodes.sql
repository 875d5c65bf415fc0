CREATE TABLE `node_entries` (
	`org_id` text NOT NULL,
	`workflow_id` text NOT NULL,
	`node_id` text NOT NULL,
	`n` integer NOT NULL,
	PRIMARY KEY(`org_id`, `workflow_id`, `node_id`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `executions` ADD `entries` text;