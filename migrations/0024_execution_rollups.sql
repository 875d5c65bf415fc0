CREATE TABLE `execution_errors` (
	`org_id` text NOT NULL,
	`day` integer NOT NULL,
	`workflow_id` text NOT NULL,
	`code` text NOT NULL,
	`node_id` text NOT NULL,
	`n` integer NOT NULL,
	`message` text DEFAULT '' NOT NULL,
	`first_at` integer NOT NULL,
	`last_at` integer NOT NULL,
	`slots` text DEFAULT '{}' NOT NULL,
	`samples` text DEFAULT '[]' NOT NULL,
	PRIMARY KEY(`org_id`, `day`, `workflow_id`, `code`, `node_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `execution_rollups` (
	`org_id` text NOT NULL,
	`day` integer NOT NULL,
	`workflow_id` text NOT NULL,
	`started` integer DEFAULT 0 NOT NULL,
	`completed` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`cancelled` integer DEFAULT 0 NOT NULL,
	`timed_out` integer DEFAULT 0 NOT NULL,
	`duration_sum` integer DEFAULT 0 NOT NULL,
	`duration_max` integer DEFAULT 0 NOT NULL,
	`nodes` integer DEFAULT 0 NOT NULL,
	`lagged` integer DEFAULT 0 NOT NULL,
	`lag_sum` integer DEFAULT 0 NOT NULL,
	`slots` text DEFAULT '{}' NOT NULL,
	`durations` text DEFAULT '{}' NOT NULL,
	`lags` text DEFAULT '{}' NOT NULL,
	PRIMARY KEY(`org_id`, `day`, `workflow_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `node_rollups` (
	`org_id` text NOT NULL,
	`day` integer NOT NULL,
	`workflow_id` text NOT NULL,
	`nodes` text NOT NULL,
	PRIMARY KEY(`org_id`, `day`, `workflow_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `service_rollups` (
	`org_id` text NOT NULL,
	`hour` integer NOT NULL,
	`service` text NOT NULL,
	`calls` integer NOT NULL,
	`failed` integer NOT NULL,
	`ms` integer NOT NULL,
	`times` text NOT NULL,
	`last_failed_at` integer,
	PRIMARY KEY(`org_id`, `hour`, `service`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `execution_steps` ADD `wait_ms` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `execution_steps` ADD `service` text;--> statement-breakpoint
ALTER TABLE `executions` ADD `error_code` text;