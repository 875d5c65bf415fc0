CREATE TABLE `stream_tickets` (
	`org_id` text NOT NULL,
	`hash` text NOT NULL,
	`workflow_id` text NOT NULL,
	`user_id` text NOT NULL,
	`username` text NOT NULL,
	`key_id` text,
	`scopes` text,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `hash`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `stream_tickets_hash` ON `stream_tickets` (`hash`);--> statement-breakpoint
CREATE INDEX `stream_tickets_expires` ON `stream_tickets` (`expires_at`);--> statement-breakpoint
CREATE TABLE `watches` (
	`org_id` text NOT NULL,
	`workflow_id` text NOT NULL,
	`until` integer NOT NULL,
	`listeners` integer NOT NULL,
	PRIMARY KEY(`org_id`, `workflow_id`)
) WITHOUT ROWID;
