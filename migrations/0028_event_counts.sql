CREATE TABLE `event_counts` (
	`org_id` text NOT NULL,
	`day` integer NOT NULL,
	`n` integer NOT NULL,
	PRIMARY KEY(`org_id`, `day`)
) WITHOUT ROWID;
