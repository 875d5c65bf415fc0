DROP INDEX `contacts_created`;--> statement-breakpoint
CREATE INDEX `contacts_reachable` ON `contacts` (`org_id`,`created_at`,`consent_state`,`phone`) WHERE "contacts"."phone" is not null;