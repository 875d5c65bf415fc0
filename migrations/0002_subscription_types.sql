ALTER TABLE `subscriptions` ADD `trigger_type` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `subscriptions` ADD `variables` text DEFAULT '{}' NOT NULL;