CREATE TABLE `campaigns` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`status` text NOT NULL,
	`template_id` text NOT NULL,
	`segment_id` text NOT NULL,
	`channel` text,
	`schedule_time` integer,
	`rate` integer,
	`quiet_start` text,
	`quiet_end` text,
	`on_unknown` text DEFAULT 'park' NOT NULL,
	`recipients` integer,
	`error` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`started_at` integer,
	`ended_at` integer,
	`next_wake_at` integer,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `campaigns_status` ON `campaigns` (`org_id`,`status`,`id`);--> statement-breakpoint
CREATE INDEX `campaigns_wake` ON `campaigns` (`next_wake_at`) WHERE "campaigns"."next_wake_at" is not null;--> statement-breakpoint
CREATE TABLE `templates` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`content` text NOT NULL,
	`variables` text NOT NULL,
	`content_sid` text,
	`is_active` integer DEFAULT true NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `messages` ADD `campaign_id` text;