CREATE TABLE `api_keys` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`prefix` text NOT NULL,
	`hash` text NOT NULL,
	`scopes` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	`revoked_at` integer,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_hash` ON `api_keys` (`hash`);--> statement-breakpoint
CREATE TABLE `audit` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`target_type` text,
	`target_id` text,
	`details` text,
	`request_id` text,
	`at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `audit_target` ON `audit` (`org_id`,`target_type`,`target_id`,`id`);--> statement-breakpoint
CREATE TABLE `contacts` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text,
	`attributes` text DEFAULT '{}' NOT NULL,
	`tags` text DEFAULT '[]' NOT NULL,
	`timezone` text,
	`consent_state` text,
	`consent_updated_at` integer,
	`consent_source` text,
	`last_received_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `conversations` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`contact_id` text NOT NULL,
	`channel` text NOT NULL,
	`status` text DEFAULT 'open' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `conversations_contact` ON `conversations` (`org_id`,`contact_id`);--> statement-breakpoint
CREATE TABLE `dead_letters` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`queue` text NOT NULL,
	`subject_id` text,
	`body` text NOT NULL,
	`error` text NOT NULL,
	`attempts` integer NOT NULL,
	`created_at` integer NOT NULL,
	`replayed_at` integer,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `dead_letters_queue` ON `dead_letters` (`org_id`,`queue`,`id`);--> statement-breakpoint
CREATE TABLE `events` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`type` text NOT NULL,
	`source` text NOT NULL,
	`contact_id` text,
	`conversation_id` text,
	`data` text NOT NULL,
	`occurred_at` integer NOT NULL,
	`received_at` integer NOT NULL,
	`depth` integer DEFAULT 0 NOT NULL,
	`outcome` text,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `events_contact` ON `events` (`org_id`,`contact_id`,`id`) WHERE "events"."contact_id" is not null;--> statement-breakpoint
CREATE TABLE `execution_counts` (
	`org_id` text NOT NULL,
	`workflow_id` text NOT NULL,
	`status` text NOT NULL,
	`n` integer NOT NULL,
	PRIMARY KEY(`org_id`, `workflow_id`, `status`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `execution_steps` (
	`org_id` text NOT NULL,
	`execution_id` text NOT NULL,
	`n` integer NOT NULL,
	`node_id` text NOT NULL,
	`node_type` text NOT NULL,
	`visit` integer NOT NULL,
	`status` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`attempts` integer DEFAULT 0 NOT NULL,
	`error` text,
	PRIMARY KEY(`org_id`, `execution_id`, `n`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `executions` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`workflow_id` text NOT NULL,
	`version_id` text NOT NULL,
	`status` text NOT NULL,
	`seq` integer NOT NULL,
	`event_id` text,
	`trigger_type` text NOT NULL,
	`started_at` integer,
	`ended_at` integer,
	`duration_ms` integer,
	`nodes_executed` integer DEFAULT 0 NOT NULL,
	`error` text,
	`error_node_id` text,
	`priority` integer DEFAULT 5 NOT NULL,
	`parent_id` text,
	`next_wake_at` integer,
	`dry_run` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `executions_workflow` ON `executions` (`org_id`,`workflow_id`,`id`);--> statement-breakpoint
CREATE INDEX `executions_wake` ON `executions` (`next_wake_at`) WHERE "executions"."next_wake_at" is not null;--> statement-breakpoint
CREATE TABLE `identities` (
	`org_id` text NOT NULL,
	`kind` text NOT NULL,
	`value` text NOT NULL,
	`contact_id` text NOT NULL,
	PRIMARY KEY(`org_id`, `kind`, `value`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `identities_contact` ON `identities` (`org_id`,`contact_id`);--> statement-breakpoint
CREATE TABLE `members` (
	`org_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `user_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `members_user` ON `members` (`user_id`);--> statement-breakpoint
CREATE TABLE `messages` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`contact_id` text NOT NULL,
	`conversation_id` text,
	`direction` text NOT NULL,
	`channel` text NOT NULL,
	`sender` text NOT NULL,
	`recipient` text NOT NULL,
	`body` text DEFAULT '' NOT NULL,
	`content` text,
	`status` text NOT NULL,
	`provider_id` text,
	`execution_id` text,
	`step_key` text,
	`error_code` text,
	`error` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`sent_at` integer,
	`delivered_at` integer,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `messages_contact` ON `messages` (`org_id`,`contact_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `messages_step` ON `messages` (`org_id`,`step_key`) WHERE "messages"."step_key" is not null;--> statement-breakpoint
CREATE INDEX `messages_provider` ON `messages` (`provider_id`) WHERE "messages"."provider_id" is not null;--> statement-breakpoint
CREATE TABLE `notes` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`contact_id` text NOT NULL,
	`body` text NOT NULL,
	`created_by` text NOT NULL,
	`step_key` text,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `notes_contact` ON `notes` (`org_id`,`contact_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `notes_step` ON `notes` (`org_id`,`step_key`) WHERE "notes"."step_key" is not null;--> statement-breakpoint
CREATE TABLE `organizations` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`personal_for` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `organizations_personal_for` ON `organizations` (`personal_for`);--> statement-breakpoint
CREATE TABLE `rollups_hourly` (
	`org_id` text NOT NULL,
	`workflow_id` text NOT NULL,
	`hour` integer NOT NULL,
	`started` integer DEFAULT 0 NOT NULL,
	`completed` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`cancelled` integer DEFAULT 0 NOT NULL,
	`timed_out` integer DEFAULT 0 NOT NULL,
	`duration_sum` integer DEFAULT 0 NOT NULL,
	`duration_max` integer DEFAULT 0 NOT NULL,
	`nodes` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`org_id`, `workflow_id`, `hour`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `schedules` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`workflow_id` text NOT NULL,
	`node_id` text NOT NULL,
	`cron` text NOT NULL,
	`timezone` text NOT NULL,
	`next_at` integer,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `schedules_workflow` ON `schedules` (`org_id`,`workflow_id`);--> statement-breakpoint
CREATE INDEX `schedules_next` ON `schedules` (`next_at`);--> statement-breakpoint
CREATE TABLE `subscriptions` (
	`n` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`org_id` text NOT NULL,
	`event_type` text NOT NULL,
	`match_key` text,
	`workflow_id` text NOT NULL,
	`version_id` text NOT NULL,
	`node_ids` text NOT NULL,
	`filters` text,
	`priority` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX `subscriptions_event` ON `subscriptions` (`org_id`,`event_type`,`match_key`);--> statement-breakpoint
CREATE INDEX `subscriptions_workflow` ON `subscriptions` (`org_id`,`workflow_id`);--> statement-breakpoint
CREATE TABLE `familiar_networks` (
	`user_id` integer NOT NULL,
	`network_hash` text NOT NULL,
	`seen_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `network_hash`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `users` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`username` text NOT NULL,
	`password_hash` text NOT NULL,
	`demo` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_username` ON `users` (`username`);--> statement-breakpoint
CREATE TABLE `waiters` (
	`key` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`event_type` text NOT NULL,
	`contact_id` text,
	`execution_id` text NOT NULL,
	`wait_key` text NOT NULL,
	`filters` text,
	`since` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `waiters_event` ON `waiters` (`org_id`,`event_type`,`contact_id`);--> statement-breakpoint
CREATE TABLE `webhooks` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`workflow_id` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`token` text NOT NULL,
	`secret_sealed` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`require_signature` integer DEFAULT false NOT NULL,
	`signature_scheme` text DEFAULT 'signalbox' NOT NULL,
	`ip_allowlist` text DEFAULT '[]' NOT NULL,
	`rate_limit_max` integer DEFAULT 60 NOT NULL,
	`rate_limit_window` integer DEFAULT 60 NOT NULL,
	`created_at` integer NOT NULL,
	`last_triggered_at` integer,
	`trigger_count` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `webhooks_workflow` ON `webhooks` (`org_id`,`workflow_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `webhooks_token` ON `webhooks` (`token`);--> statement-breakpoint
CREATE TABLE `workflow_permissions` (
	`org_id` text NOT NULL,
	`workflow_id` text NOT NULL,
	`user_id` text NOT NULL,
	`can_view` integer NOT NULL,
	`can_edit` integer NOT NULL,
	`can_delete` integer NOT NULL,
	`can_execute` integer NOT NULL,
	PRIMARY KEY(`org_id`, `workflow_id`, `user_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `workflow_versions` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`workflow_id` text NOT NULL,
	`number` integer NOT NULL,
	`definition` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `workflow_versions_number` ON `workflow_versions` (`org_id`,`workflow_id`,`number`);--> statement-breakpoint
CREATE TABLE `workflows` (
	`n` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`authoring` text NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`entity_id` integer,
	`community_id` integer,
	`tags` text DEFAULT '[]' NOT NULL,
	`category` text,
	`definition` text NOT NULL,
	`wire` text DEFAULT '{}' NOT NULL,
	`published_version_id` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`published_at` integer,
	`archived_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `workflows_id` ON `workflows` (`org_id`,`id`);--> statement-breakpoint
CREATE INDEX `workflows_created` ON `workflows` (`org_id`,`created_at`);