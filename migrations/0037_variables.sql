CREATE TABLE `global_variables` (
	`org_id` text NOT NULL,
	`name` text NOT NULL,
	`data_type` text NOT NULL,
	`value` text,
	`description` text DEFAULT '' NOT NULL,
	`secret_id` text,
	`validation_rules` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `name`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `secret_values` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`sealed` text NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `organizations` ADD `variables_at` integer;--> statement-breakpoint
ALTER TABLE `workflows` ADD `inputs` text;