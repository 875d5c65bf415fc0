CREATE TABLE `consent_history` (
	`org_id` text NOT NULL,
	`contact_id` text NOT NULL,
	`epoch` integer NOT NULL,
	`state` text NOT NULL,
	`source` text,
	`actor` text,
	`request_id` text,
	`at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `contact_id`, `epoch`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `contact_counts` (
	`org_id` text NOT NULL,
	`consent_state` text NOT NULL,
	`n` integer NOT NULL,
	PRIMARY KEY(`org_id`, `consent_state`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `contact_facts` (
	`org_id` text NOT NULL,
	`name` text NOT NULL,
	`fact` text NOT NULL,
	`contact_id` text NOT NULL,
	PRIMARY KEY(`org_id`, `name`, `fact`, `contact_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `segments` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`condition` text NOT NULL,
	`criteria` text NOT NULL,
	`size` integer NOT NULL,
	`counted_at` integer NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `suppressions` (
	`org_id` text NOT NULL,
	`hash` text NOT NULL,
	`state` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `hash`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `contacts` ADD `phone` text;--> statement-breakpoint
ALTER TABLE `contacts` ADD `facts` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `contacts` ADD `unsettled` integer;--> statement-breakpoint
ALTER TABLE `contacts` ADD `consent_epoch` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `contacts` ADD `consent_actor` text;--> statement-breakpoint
ALTER TABLE `contacts` ADD `consent_request` text;--> statement-breakpoint
CREATE INDEX `contacts_created` ON `contacts` (`org_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `contacts_opted_out` ON `contacts` (`org_id`,`consent_state`,`id`) WHERE "contacts"."consent_state" in ('OPT_OUT', 'STOP');--> statement-breakpoint
CREATE INDEX `contacts_unsettled` ON `contacts` (`org_id`,`id`) WHERE "contacts"."unsettled" is not null;