CREATE TABLE `message_activity` (
	`org_id` text NOT NULL,
	`hour` integer NOT NULL,
	`sent` integer DEFAULT 0 NOT NULL,
	`delivered` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`timed` integer DEFAULT 0 NOT NULL,
	`timed_ms` integer DEFAULT 0 NOT NULL,
	`inbound` integer DEFAULT 0 NOT NULL,
	`opt_outs` integer DEFAULT 0 NOT NULL,
	`last_heard` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`org_id`, `hour`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `message_errors` (
	`org_id` text NOT NULL,
	`campaign_id` text NOT NULL,
	`hour` integer NOT NULL,
	`code` text NOT NULL,
	`name` text,
	`n` integer NOT NULL,
	`last_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `campaign_id`, `hour`, `code`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `message_rollups` (
	`org_id` text NOT NULL,
	`campaign_id` text NOT NULL,
	`span` integer NOT NULL,
	`start` integer NOT NULL,
	`counts` text DEFAULT '{}' NOT NULL,
	`gone` text DEFAULT '{}' NOT NULL,
	`sent` integer DEFAULT 0 NOT NULL,
	`sent_gone` integer DEFAULT 0 NOT NULL,
	`timed` integer DEFAULT 0 NOT NULL,
	`timed_ms` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`org_id`, `campaign_id`, `span`, `start`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `messages` ADD `consent` text;--> statement-breakpoint
CREATE INDEX `messages_created` ON `messages` (`org_id`,`direction`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `messages_status` ON `messages` (`org_id`,`status`,`created_at`,`id`) WHERE "messages"."direction" = 'outbound';--> statement-breakpoint
CREATE INDEX `messages_campaign` ON `messages` (`org_id`,`campaign_id`,`status`,`created_at`,`id`) WHERE "messages"."campaign_id" is not null;