CREATE TABLE `stale_workflows` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`token` text NOT NULL,
	`changed_by` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `stale_workflows_created` ON `stale_workflows` (`created_at`);