DROP INDEX `dead_letters_queue`;--> statement-breakpoint
CREATE INDEX `dead_letters_created` ON `dead_letters` (`org_id`,`created_at`);--> statement-breakpoint
ALTER TABLE `organizations` ADD `retention` text;