ALTER TABLE `contact_counts` ADD `without_number` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
INSERT INTO `contact_counts`(`org_id`, `consent_state`, `n`, `without_number`)
  SELECT `org_id`, coalesce(`consent_state`, 'OPT_IN'), 0, count(*) FROM `contacts` WHERE `phone` IS NULL GROUP BY 1, 2
  ON CONFLICT DO UPDATE SET `without_number` = excluded.`without_number`;
--> statement-breakpoint
DROP TRIGGER `contacts_counted`;
--> statement-breakpoint
CREATE TRIGGER contacts_counted AFTER INSERT ON contacts BEGIN
  INSERT INTO contact_counts(org_id, consent_state, n, without_number)
    VALUES (NEW.org_id, coalesce(NEW.consent_state, 'OPT_IN'), NEW.phone IS NOT NULL, NEW.phone IS NULL)
    ON CONFLICT DO UPDATE SET n = n + excluded.n, without_number = without_number + excluded.without_number;
END;
--> statement-breakpoint
DROP TRIGGER `contacts_recounted`;
--> statement-breakpoint
-- Triggers of one change come in any order: what was may be taken away before it was counted.
CREATE TRIGGER contacts_recounted AFTER UPDATE OF phone, consent_state ON contacts
WHEN (OLD.phone IS NULL) <> (NEW.phone IS NULL) OR coalesce(OLD.consent_state, 'OPT_IN') <> coalesce(NEW.consent_state, 'OPT_IN') BEGIN
  INSERT INTO contact_counts(org_id, consent_state, n, without_number)
    VALUES (OLD.org_id, coalesce(OLD.consent_state, 'OPT_IN'), -(OLD.phone IS NOT NULL), -(OLD.phone IS NULL)),
      (NEW.org_id, coalesce(NEW.consent_state, 'OPT_IN'), NEW.phone IS NOT NULL, NEW.phone IS NULL)
    ON CONFLICT DO UPDATE SET n = n + excluded.n, without_number = without_number + excluded.without_number;
END;
--> statement-breakpoint
DROP TRIGGER `contacts_uncounted`;
--> statement-breakpoint
CREATE TRIGGER contacts_uncounted AFTER DELETE ON contacts BEGIN
  UPDATE contact_counts SET n = n - (OLD.phone IS NOT NULL), without_number = without_number - (OLD.phone IS NULL)
    WHERE org_id = OLD.org_id AND consent_state = coalesce(OLD.consent_state, 'OPT_IN');
END;
