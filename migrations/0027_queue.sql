ALTER TABLE `executions` ADD `scheduled_at` integer;--> statement-breakpoint
ALTER TABLE `executions` ADD `retry_of` text;--> statement-breakpoint
ALTER TABLE `executions` ADD `retries` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `executions_priority` ON `executions` (`org_id`,`priority`,`id`) WHERE "executions"."priority" <> 5;--> statement-breakpoint
ALTER TABLE `organizations` ADD `queue` text;--> statement-breakpoint
ALTER TABLE `workflows` ADD `max_concurrency` integer;