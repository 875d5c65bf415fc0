CREATE TABLE `workflow_labels` (
	`org_id` text NOT NULL,
	`status` text NOT NULL,
	`kind` text NOT NULL,
	`value` text NOT NULL,
	`n` integer NOT NULL,
	PRIMARY KEY(`org_id`, `status`, `kind`, `value`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `execution_counts` ADD `gone` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `execution_counts` ADD `last_at` integer;--> statement-breakpoint
CREATE INDEX `workflows_named` ON `workflows` (`org_id`,lower(name));