CREATE TABLE `channels` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`provider` text NOT NULL,
	`name` text NOT NULL,
	`sender` text NOT NULL,
	`inbound_key` text,
	`credentials_sealed` text NOT NULL,
	`settings` text DEFAULT '{}' NOT NULL,
	`rate` real,
	`status` text DEFAULT 'active' NOT NULL,
	`verified_at` integer,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `channels_inbound` ON `channels` (`provider`,`inbound_key`);--> statement-breakpoint
CREATE TABLE `parked_statuses` (
	`org_id` text NOT NULL,
	`provider_id` text NOT NULL,
	`status` text NOT NULL,
	`error_code` text,
	`error_name` text,
	`error` text,
	`told_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `provider_id`, `status`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `parked_statuses_told` ON `parked_statuses` (`org_id`,`told_at`);--> statement-breakpoint
CREATE TABLE `untold_events` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`event` text NOT NULL,
	`dedupe_key` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `untold_events_created` ON `untold_events` (`created_at`);--> statement-breakpoint
ALTER TABLE `conversations` ADD `channel_id` text;--> statement-breakpoint
ALTER TABLE `conversations` ADD `last_inbound_at` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `channel_id` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `consent_epoch` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `gates` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `hold_until` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `segments` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `error_name` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `conflict` text;--> statement-breakpoint
CREATE INDEX `messages_unknown` ON `messages` (`org_id`,`id`) WHERE "messages"."error_code" = 'UNKNOWN_OUTCOME' and "messages"."provider_id" is null;--> statement-breakpoint
ALTER TABLE `organizations` ADD `messaging_policy` text;--> statement-breakpoint
UPDATE conversations SET last_inbound_at = (
  SELECT max(m.created_at) FROM messages m
  WHERE m.org_id = conversations.org_id AND m.contact_id = conversations.contact_id AND m.conversation_id = conversations.id
    AND m.direction = 'inbound');
