-- What follows from the rows of contacts, whoever writes them: see src/db/schema/contacts.ts. Written by hand.

-- contacts.phone: the first of a contact's numbers, whichever of the two rows comes first.
CREATE TRIGGER contacts_phone_of_new AFTER INSERT ON contacts WHEN NEW.phone IS NULL AND EXISTS (
  SELECT 1 FROM identities WHERE org_id = NEW.org_id AND contact_id = NEW.id AND kind = 'phone'
) BEGIN
  UPDATE contacts SET phone = (
    SELECT min(value) FROM identities WHERE org_id = NEW.org_id AND contact_id = NEW.id AND kind = 'phone'
  ) WHERE org_id = NEW.org_id AND id = NEW.id;
END;
--> statement-breakpoint
CREATE TRIGGER identities_phone_added AFTER INSERT ON identities WHEN NEW.kind = 'phone' BEGIN
  UPDATE contacts SET phone = NEW.value WHERE org_id = NEW.org_id AND id = NEW.contact_id AND phone IS NULL;
END;
--> statement-breakpoint
CREATE TRIGGER identities_phone_removed AFTER DELETE ON identities WHEN OLD.kind = 'phone' BEGIN
  UPDATE contacts SET phone = (
    SELECT min(value) FROM identities WHERE org_id = OLD.org_id AND contact_id = OLD.contact_id AND kind = 'phone'
  ) WHERE org_id = OLD.org_id AND id = OLD.contact_id AND phone = OLD.value;
END;
--> statement-breakpoint

-- contact_counts: contacts with a number.
CREATE TRIGGER contacts_counted AFTER INSERT ON contacts WHEN NEW.phone IS NOT NULL BEGIN
  INSERT INTO contact_counts(org_id, consent_state, n) VALUES (NEW.org_id, coalesce(NEW.consent_state, 'OPT_IN'), 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
--> statement-breakpoint
CREATE TRIGGER contacts_recounted AFTER UPDATE OF phone, consent_state ON contacts
WHEN (OLD.phone IS NULL) <> (NEW.phone IS NULL) OR coalesce(OLD.consent_state, 'OPT_IN') <> coalesce(NEW.consent_state, 'OPT_IN') BEGIN
  UPDATE contact_counts SET n = n - 1
    WHERE OLD.phone IS NOT NULL AND org_id = OLD.org_id AND consent_state = coalesce(OLD.consent_state, 'OPT_IN');
  INSERT INTO contact_counts(org_id, consent_state, n)
    SELECT NEW.org_id, coalesce(NEW.consent_state, 'OPT_IN'), 1 WHERE NEW.phone IS NOT NULL
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
--> statement-breakpoint
CREATE TRIGGER contacts_uncounted AFTER DELETE ON contacts WHEN OLD.phone IS NOT NULL BEGIN
  UPDATE contact_counts SET n = n - 1 WHERE org_id = OLD.org_id AND consent_state = coalesce(OLD.consent_state, 'OPT_IN');
END;
--> statement-breakpoint

-- The epoch and the history of consent.
CREATE TRIGGER contacts_consent_given AFTER INSERT ON contacts WHEN NEW.consent_state IS NOT NULL BEGIN
  UPDATE contacts SET consent_epoch = 1 WHERE org_id = NEW.org_id AND id = NEW.id AND consent_epoch = 0;
  INSERT INTO consent_history(org_id, contact_id, epoch, state, source, actor, request_id, at) VALUES (
    NEW.org_id, NEW.id, 1, NEW.consent_state, NEW.consent_source, NEW.consent_actor, NEW.consent_request,
    coalesce(NEW.consent_updated_at, NEW.created_at)
  );
END;
--> statement-breakpoint
CREATE TRIGGER contacts_consent_changed AFTER UPDATE OF consent_state ON contacts
WHEN NEW.consent_state IS NOT NULL AND NEW.consent_state IS NOT OLD.consent_state BEGIN
  UPDATE contacts SET consent_epoch = OLD.consent_epoch + 1 WHERE org_id = NEW.org_id AND id = NEW.id;
  INSERT INTO consent_history(org_id, contact_id, epoch, state, source, actor, request_id, at) VALUES (
    NEW.org_id, NEW.id, OLD.consent_epoch + 1, NEW.consent_state, NEW.consent_source, NEW.consent_actor, NEW.consent_request,
    coalesce(NEW.consent_updated_at, NEW.updated_at)
  );
END;
--> statement-breakpoint
CREATE TRIGGER contacts_consent_forgotten AFTER DELETE ON contacts BEGIN
  DELETE FROM consent_history WHERE org_id = OLD.org_id AND contact_id = OLD.id;
END;
--> statement-breakpoint

-- contact_facts of attributes. Who writes attributes without facts leaves a mark, and whoever asks next settles it.
CREATE TRIGGER contacts_facts_unsettled AFTER UPDATE OF attributes ON contacts
WHEN NEW.attributes <> OLD.attributes AND NEW.facts = OLD.facts AND NEW.unsettled IS NULL BEGIN
  UPDATE contacts SET unsettled = 1 WHERE org_id = NEW.org_id AND id = NEW.id;
END;
--> statement-breakpoint
CREATE TRIGGER contacts_facts_unsettled_new AFTER INSERT ON contacts
WHEN NEW.attributes <> '{}' AND NEW.facts = '[]' AND NEW.unsettled IS NULL BEGIN
  UPDATE contacts SET unsettled = 1 WHERE org_id = NEW.org_id AND id = NEW.id;
END;
--> statement-breakpoint
CREATE TRIGGER contacts_facts_new AFTER INSERT ON contacts WHEN NEW.facts <> '[]' BEGIN
  INSERT OR IGNORE INTO contact_facts(org_id, name, fact, contact_id)
    SELECT NEW.org_id, 'a.' || (value ->> 0), value ->> 1, NEW.id FROM json_each(NEW.facts);
END;
--> statement-breakpoint
CREATE TRIGGER contacts_facts_changed AFTER UPDATE OF facts ON contacts WHEN NEW.facts <> OLD.facts BEGIN
  DELETE FROM contact_facts WHERE org_id = OLD.org_id AND contact_id = OLD.id AND (name, fact) IN (
    SELECT 'a.' || (value ->> 0), value ->> 1 FROM json_each(OLD.facts)
    WHERE value NOT IN (SELECT value FROM json_each(NEW.facts))
  );
  INSERT OR IGNORE INTO contact_facts(org_id, name, fact, contact_id)
    SELECT NEW.org_id, 'a.' || (value ->> 0), value ->> 1, NEW.id FROM json_each(NEW.facts);
END;
--> statement-breakpoint
CREATE TRIGGER contacts_facts_forgotten AFTER DELETE ON contacts BEGIN
  DELETE FROM contact_facts WHERE org_id = OLD.org_id AND contact_id = OLD.id AND (name, fact) IN (
    SELECT 'a.' || (value ->> 0), value ->> 1 FROM json_each(OLD.facts)
    UNION ALL SELECT 'c.tags', '~s' || value FROM json_each(OLD.tags)
  );
END;
--> statement-breakpoint

-- contact_facts of tags.
CREATE TRIGGER contacts_tags_new AFTER INSERT ON contacts WHEN NEW.tags <> '[]' BEGIN
  INSERT OR IGNORE INTO contact_facts(org_id, name, fact, contact_id)
    SELECT NEW.org_id, 'c.tags', '~s' || value, NEW.id FROM json_each(NEW.tags);
END;
--> statement-breakpoint
CREATE TRIGGER contacts_tags_changed AFTER UPDATE OF tags ON contacts WHEN NEW.tags <> OLD.tags BEGIN
  DELETE FROM contact_facts WHERE org_id = OLD.org_id AND name = 'c.tags' AND contact_id = OLD.id AND fact IN (
    SELECT '~s' || value FROM json_each(OLD.tags) WHERE value NOT IN (SELECT value FROM json_each(NEW.tags))
  );
  INSERT OR IGNORE INTO contact_facts(org_id, name, fact, contact_id)
    SELECT NEW.org_id, 'c.tags', '~s' || value, NEW.id FROM json_each(NEW.tags);
END;
--> statement-breakpoint

-- The rows that were there before.
UPDATE contacts SET phone = (
  SELECT min(value) FROM identities i WHERE i.org_id = contacts.org_id AND i.contact_id = contacts.id AND i.kind = 'phone'
);
--> statement-breakpoint
UPDATE contacts SET unsettled = 1 WHERE attributes <> '{}';
--> statement-breakpoint
INSERT INTO contact_facts(org_id, name, fact, contact_id)
  SELECT DISTINCT c.org_id, 'c.tags', '~s' || t.value, c.id FROM contacts c, json_each(c.tags) t;
--> statement-breakpoint
UPDATE contacts SET consent_epoch = 1 WHERE consent_state IS NOT NULL;
--> statement-breakpoint
INSERT INTO consent_history(org_id, contact_id, epoch, state, source, at)
  SELECT org_id, id, 1, consent_state, consent_source, coalesce(consent_updated_at, updated_at) FROM contacts WHERE consent_state IS NOT NULL;
