CREATE TABLE `marketing_workflow_actions` (
	`org_id` text NOT NULL,
	`workflow_id` text NOT NULL,
	`action_id` text NOT NULL,
	`position` integer,
	`is_required` integer NOT NULL,
	`condition_id` text,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `workflow_id`, `action_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `marketing_workflow_actions_action` ON `marketing_workflow_actions` (`org_id`,`action_id`);--> statement-breakpoint
CREATE INDEX `marketing_workflow_actions_condition` ON `marketing_workflow_actions` (`org_id`,`condition_id`);--> statement-breakpoint
CREATE TABLE `marketing_workflow_triggers` (
	`org_id` text NOT NULL,
	`workflow_id` text NOT NULL,
	`trigger_id` text NOT NULL,
	`priority` integer NOT NULL,
	`specific_conditions` text,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `workflow_id`, `trigger_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `marketing_workflow_triggers_trigger` ON `marketing_workflow_triggers` (`org_id`,`trigger_id`);--> statement-breakpoint
CREATE TABLE `marketing_parts` (
	`n` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`org_id` text NOT NULL,
	`kind` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`type` text DEFAULT '' NOT NULL,
	`is_active` integer DEFAULT true NOT NULL,
	`body` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `marketing_parts_id` ON `marketing_parts` (`org_id`,`kind`,`id`);--> statement-breakpoint
CREATE INDEX `marketing_parts_type` ON `marketing_parts` (`org_id`,`kind`,`type`);--> statement-breakpoint
CREATE UNIQUE INDEX `marketing_parts_event_type` ON `marketing_parts` (`org_id`,`type`) WHERE kind = 'event_type';--> statement-breakpoint

-- Search in names and descriptions, by any three or more characters. Row ids are marketing_parts.n.
CREATE VIRTUAL TABLE marketing_search USING fts5(name, description, content='marketing_parts', content_rowid='n', tokenize='trigram remove_diacritics 1');
--> statement-breakpoint
CREATE TRIGGER marketing_search_insert AFTER INSERT ON marketing_parts BEGIN
  INSERT INTO marketing_search(rowid, name, description) VALUES (NEW.n, NEW.name, NEW.description);
END;
--> statement-breakpoint
CREATE TRIGGER marketing_search_delete AFTER DELETE ON marketing_parts BEGIN
  INSERT INTO marketing_search(marketing_search, rowid, name, description) VALUES ('delete', OLD.n, OLD.name, OLD.description);
END;
--> statement-breakpoint
CREATE TRIGGER marketing_search_update AFTER UPDATE OF name, description ON marketing_parts
WHEN OLD.name <> NEW.name OR OLD.description <> NEW.description BEGIN
  INSERT INTO marketing_search(marketing_search, rowid, name, description) VALUES ('delete', OLD.n, OLD.name, OLD.description);
  INSERT INTO marketing_search(rowid, name, description) VALUES (NEW.n, NEW.name, NEW.description);
END;
