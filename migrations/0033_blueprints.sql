CREATE TABLE `blueprint_ratings` (
	`org_id` text NOT NULL,
	`blueprint_id` text NOT NULL,
	`user_id` text NOT NULL,
	`stars` integer NOT NULL,
	`rated_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `blueprint_id`, `user_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `blueprint_tallies` (
	`org_id` text NOT NULL,
	`blueprint_id` text NOT NULL,
	`uses` integer DEFAULT 0 NOT NULL,
	`organizations` integer DEFAULT 0 NOT NULL,
	`ratings` integer DEFAULT 0 NOT NULL,
	`stars` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`org_id`, `blueprint_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `blueprint_uses` (
	`org_id` text NOT NULL,
	`blueprint_id` text NOT NULL,
	`used_by` text NOT NULL,
	`n` integer NOT NULL,
	PRIMARY KEY(`org_id`, `blueprint_id`, `used_by`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `blueprints` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`description` text NOT NULL,
	`category` text NOT NULL,
	`tags` text NOT NULL,
	`preview_image` text,
	`is_public` integer NOT NULL,
	`node_count` integer NOT NULL,
	`search_text` text NOT NULL,
	`workflow_id` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`variables` text NOT NULL,
	`content` text NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `blueprints_public` ON `blueprints` (`id`) WHERE is_public = 1;