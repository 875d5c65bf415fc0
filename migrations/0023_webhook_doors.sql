CREATE TABLE `deliveries` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`url` text NOT NULL,
	`method` text NOT NULL,
	`headers` text NOT NULL,
	`message_id` text NOT NULL,
	`replay_of` text,
	`status` text NOT NULL,
	`attempts` text NOT NULL,
	`attempt_count` integer DEFAULT 0 NOT NULL,
	`max_attempts` integer NOT NULL,
	`response_status` integer,
	`next_attempt_at` integer,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`completed_at` integer,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `deliveries_status` ON `deliveries` (`org_id`,`status`,`id`);--> statement-breakpoint
CREATE TABLE `signing_secrets` (
	`org_id` text PRIMARY KEY NOT NULL,
	`secret_sealed` text NOT NULL,
	`previous_sealed` text,
	`previous_until` integer,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `schedules` ADD `at` integer;--> statement-breakpoint
ALTER TABLE `schedules` ADD `every_ms` integer;--> statement-breakpoint
ALTER TABLE `schedules` ADD `since` integer;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `door` text DEFAULT 'core' NOT NULL;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `trigger_id` text;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `previous_secret_sealed` text;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `previous_secret_until` integer;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `allowed_origins` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `filters` text;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `transform` text;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `counts` text;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `updated_at` integer;