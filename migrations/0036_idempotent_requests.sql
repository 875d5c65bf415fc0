CREATE TABLE `idempotent_requests` (
	`org_id` text NOT NULL,
	`key` text NOT NULL,
	`fingerprint` text NOT NULL,
	`request_id` text NOT NULL,
	`status` integer,
	`answer_sealed` text,
	`at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `idempotent_requests_at` ON `idempotent_requests` (`org_id`,`at`);