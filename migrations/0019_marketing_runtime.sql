ALTER TABLE `events` ADD `warnings` text;--> statement-breakpoint
CREATE INDEX `events_conversation` ON `events` (`org_id`,`conversation_id`,`id`) WHERE "events"."conversation_id" is not null;--> statement-breakpoint
CREATE INDEX `events_type` ON `events` (`org_id`,`type`,`id`);--> statement-breakpoint
ALTER TABLE `subscriptions` ADD `rules` text;--> statement-breakpoint
CREATE INDEX `executions_event` ON `executions` (`org_id`,`event_id`) WHERE "executions"."event_id" is not null;