-- Rollups of messages: see src/db/schema/message-rollups.ts, message-activity.ts, message-errors.ts. Written by hand.

-- They follow from the difference between the old row and the new one, so writing the same row
-- twice counts once. Hours and days are UTC.

-- What the rollups group by.
CREATE TRIGGER messages_fixed BEFORE UPDATE OF org_id, id, direction, campaign_id, created_at ON messages
WHEN OLD.org_id <> NEW.org_id OR OLD.id <> NEW.id OR OLD.direction <> NEW.direction OR OLD.campaign_id IS NOT NEW.campaign_id
  OR OLD.created_at <> NEW.created_at BEGIN
  SELECT RAISE(ABORT, 'org_id, id, direction, campaign_id and created_at of a message never change');
END;
--> statement-breakpoint
CREATE TRIGGER messages_rolled_up AFTER INSERT ON messages WHEN NEW.direction = 'outbound' BEGIN
  INSERT INTO message_rollups(org_id, campaign_id, span, start, counts, sent, timed, timed_ms)
    SELECT NEW.org_id, k.campaign, k.span, k.start, json_object(NEW.status, 1), NEW.sent_at IS NOT NULL,
      NEW.status IN ('delivered', 'read') AND NEW.sent_at IS NOT NULL AND NEW.delivered_at IS NOT NULL,
      CASE WHEN NEW.status IN ('delivered', 'read') THEN coalesce(max(0, NEW.delivered_at - NEW.sent_at), 0) ELSE 0 END
    FROM (
      SELECT '' AS campaign, 24 AS span, NEW.created_at / 86400000 * 86400000 AS start
      UNION ALL SELECT '', 1, NEW.created_at / 3600000 * 3600000
      UNION ALL SELECT NEW.campaign_id, 1, NEW.created_at / 3600000 * 3600000 WHERE NEW.campaign_id IS NOT NULL
    ) k WHERE true
    ON CONFLICT DO UPDATE SET
      counts = json_set(counts, '$.' || NEW.status, coalesce(counts ->> NEW.status, 0) + 1),
      sent = sent + excluded.sent,
      timed = timed + excluded.timed,
      timed_ms = timed_ms + excluded.timed_ms;
END;
--> statement-breakpoint
CREATE TRIGGER messages_moved AFTER UPDATE OF status, sent_at, delivered_at ON messages
WHEN NEW.direction = 'outbound'
  AND (OLD.status <> NEW.status OR OLD.sent_at IS NOT NEW.sent_at OR OLD.delivered_at IS NOT NEW.delivered_at) BEGIN
  UPDATE message_rollups SET
    counts = CASE WHEN OLD.status = NEW.status THEN counts ELSE json_set(counts,
      '$.' || OLD.status, (counts ->> OLD.status) - 1, '$.' || NEW.status, coalesce(counts ->> NEW.status, 0) + 1) END,
    sent = sent + (NEW.sent_at IS NOT NULL) - (OLD.sent_at IS NOT NULL),
    timed = timed + (NEW.status IN ('delivered', 'read') AND NEW.sent_at IS NOT NULL AND NEW.delivered_at IS NOT NULL)
      - (OLD.status IN ('delivered', 'read') AND OLD.sent_at IS NOT NULL AND OLD.delivered_at IS NOT NULL),
    timed_ms = timed_ms
      + CASE WHEN NEW.status IN ('delivered', 'read') THEN coalesce(max(0, NEW.delivered_at - NEW.sent_at), 0) ELSE 0 END
      - CASE WHEN OLD.status IN ('delivered', 'read') THEN coalesce(max(0, OLD.delivered_at - OLD.sent_at), 0) ELSE 0 END
  WHERE org_id = NEW.org_id AND (campaign_id, span, start) IN (
    SELECT '', 24, NEW.created_at / 86400000 * 86400000
    UNION ALL SELECT '', 1, NEW.created_at / 3600000 * 3600000
    UNION ALL SELECT NEW.campaign_id, 1, NEW.created_at / 3600000 * 3600000 WHERE NEW.campaign_id IS NOT NULL
  );
END;
--> statement-breakpoint
-- Retention takes a row off the lists, so off their totals; what became of it stays known.
CREATE TRIGGER messages_gone AFTER DELETE ON messages WHEN OLD.direction = 'outbound' BEGIN
  UPDATE message_rollups SET
    counts = json_set(counts, '$.' || OLD.status, (counts ->> OLD.status) - 1),
    gone = json_set(gone, '$.' || OLD.status, coalesce(gone ->> OLD.status, 0) + 1),
    sent_gone = sent_gone + (OLD.sent_at IS NOT NULL)
  WHERE org_id = OLD.org_id AND (campaign_id, span, start) IN (
    SELECT '', 24, OLD.created_at / 86400000 * 86400000
    UNION ALL SELECT '', 1, OLD.created_at / 3600000 * 3600000
    UNION ALL SELECT OLD.campaign_id, 1, OLD.created_at / 3600000 * 3600000 WHERE OLD.campaign_id IS NOT NULL
  );
END;
--> statement-breakpoint

-- What happened in an hour.
CREATE TRIGGER messages_received AFTER INSERT ON messages WHEN NEW.direction = 'inbound' BEGIN
  INSERT INTO message_activity(org_id, hour, inbound, opt_outs)
    VALUES (NEW.org_id, NEW.created_at / 3600000 * 3600000, 1, NEW.consent IS 'opt_out')
    ON CONFLICT DO UPDATE SET inbound = inbound + 1, opt_outs = opt_outs + excluded.opt_outs;
END;
--> statement-breakpoint
CREATE TRIGGER messages_acted AFTER INSERT ON messages
WHEN NEW.direction = 'outbound' AND (NEW.sent_at IS NOT NULL OR NEW.status IN ('failed', 'undelivered')) BEGIN
  INSERT INTO message_activity(org_id, hour, sent, delivered, failed, timed, timed_ms)
    VALUES (
      NEW.org_id, coalesce(NEW.sent_at, NEW.created_at) / 3600000 * 3600000,
      NEW.sent_at IS NOT NULL, NEW.sent_at IS NOT NULL AND NEW.status IN ('delivered', 'read'),
      NEW.status IN ('failed', 'undelivered'),
      NEW.status IN ('delivered', 'read') AND NEW.sent_at IS NOT NULL AND NEW.delivered_at IS NOT NULL,
      CASE WHEN NEW.status IN ('delivered', 'read') THEN coalesce(max(0, NEW.delivered_at - NEW.sent_at), 0) ELSE 0 END
    )
    ON CONFLICT DO UPDATE SET
      sent = sent + excluded.sent,
      delivered = delivered + excluded.delivered,
      failed = failed + excluded.failed,
      timed = timed + excluded.timed,
      timed_ms = timed_ms + excluded.timed_ms;
END;
--> statement-breakpoint
CREATE TRIGGER messages_acted_on AFTER UPDATE OF status, sent_at, delivered_at ON messages
WHEN NEW.direction = 'outbound' AND (
  OLD.sent_at IS NOT NEW.sent_at
  OR (OLD.status IN ('delivered', 'read')) <> (NEW.status IN ('delivered', 'read'))
  OR (OLD.status IN ('failed', 'undelivered')) <> (NEW.status IN ('failed', 'undelivered'))
  OR (NEW.status IN ('delivered', 'read') AND OLD.delivered_at IS NOT NEW.delivered_at)
) BEGIN
  INSERT INTO message_activity(org_id, hour, sent, delivered, failed, timed, timed_ms)
    SELECT NEW.org_id, hour, sum(sent), sum(delivered), sum(failed), sum(timed), sum(timed_ms) FROM (
      SELECT coalesce(OLD.sent_at, OLD.created_at) / 3600000 * 3600000 AS hour, -(OLD.sent_at IS NOT NULL) AS sent,
        -(OLD.sent_at IS NOT NULL AND OLD.status IN ('delivered', 'read')) AS delivered,
        -(OLD.status IN ('failed', 'undelivered')) AS failed,
        -(OLD.status IN ('delivered', 'read') AND OLD.sent_at IS NOT NULL AND OLD.delivered_at IS NOT NULL) AS timed,
        -CASE WHEN OLD.status IN ('delivered', 'read') THEN coalesce(max(0, OLD.delivered_at - OLD.sent_at), 0) ELSE 0 END AS timed_ms
      UNION ALL
      SELECT coalesce(NEW.sent_at, NEW.created_at) / 3600000 * 3600000, NEW.sent_at IS NOT NULL,
        NEW.sent_at IS NOT NULL AND NEW.status IN ('delivered', 'read'),
        NEW.status IN ('failed', 'undelivered'),
        NEW.status IN ('delivered', 'read') AND NEW.sent_at IS NOT NULL AND NEW.delivered_at IS NOT NULL,
        CASE WHEN NEW.status IN ('delivered', 'read') THEN coalesce(max(0, NEW.delivered_at - NEW.sent_at), 0) ELSE 0 END
    ) WHERE true GROUP BY hour HAVING sum(sent) <> 0 OR sum(delivered) <> 0 OR sum(failed) <> 0 OR sum(timed) <> 0 OR sum(timed_ms) <> 0
    ON CONFLICT DO UPDATE SET
      sent = sent + excluded.sent,
      delivered = delivered + excluded.delivered,
      failed = failed + excluded.failed,
      timed = timed + excluded.timed,
      timed_ms = timed_ms + excluded.timed_ms;
END;
--> statement-breakpoint

-- Why messages failed.
CREATE TRIGGER messages_failed AFTER INSERT ON messages
WHEN NEW.direction = 'outbound' AND NEW.status IN ('failed', 'undelivered') BEGIN
  INSERT INTO message_errors(org_id, campaign_id, hour, code, name, n, last_at)
    SELECT NEW.org_id, k.campaign, coalesce(NEW.sent_at, NEW.created_at) / 3600000 * 3600000, coalesce(NEW.error_code, ''),
      NEW.error_name, 1, NEW.updated_at
    FROM (SELECT '' AS campaign UNION ALL SELECT NEW.campaign_id WHERE NEW.campaign_id IS NOT NULL) k WHERE true
    ON CONFLICT DO UPDATE SET name = coalesce(excluded.name, name), n = n + 1, last_at = max(last_at, excluded.last_at);
END;
--> statement-breakpoint
CREATE TRIGGER messages_failing AFTER UPDATE OF status, sent_at, error_code ON messages
WHEN NEW.direction = 'outbound' AND (OLD.status IN ('failed', 'undelivered') OR NEW.status IN ('failed', 'undelivered')) AND (
  (OLD.status IN ('failed', 'undelivered')) <> (NEW.status IN ('failed', 'undelivered'))
  OR OLD.error_code IS NOT NEW.error_code OR OLD.sent_at IS NOT NEW.sent_at
) BEGIN
  INSERT INTO message_errors(org_id, campaign_id, hour, code, name, n, last_at)
    SELECT NEW.org_id, k.campaign, e.hour, e.code, max(e.name), sum(e.n), max(e.at)
    FROM (SELECT '' AS campaign UNION ALL SELECT NEW.campaign_id WHERE NEW.campaign_id IS NOT NULL) k
    CROSS JOIN (
      SELECT coalesce(OLD.sent_at, OLD.created_at) / 3600000 * 3600000 AS hour, coalesce(OLD.error_code, '') AS code, NULL AS name, -1 AS n, 0 AS at
        WHERE OLD.status IN ('failed', 'undelivered')
      UNION ALL
      SELECT coalesce(NEW.sent_at, NEW.created_at) / 3600000 * 3600000, coalesce(NEW.error_code, ''), NEW.error_name, 1, NEW.updated_at
        WHERE NEW.status IN ('failed', 'undelivered')
    ) e WHERE true GROUP BY k.campaign, e.hour, e.code HAVING sum(e.n) <> 0
    ON CONFLICT DO UPDATE SET name = coalesce(excluded.name, name), n = n + excluded.n, last_at = max(last_at, excluded.last_at);
END;
--> statement-breakpoint

-- Who wrote last in which hour.
CREATE TRIGGER contacts_heard_first AFTER INSERT ON contacts WHEN NEW.last_received_at IS NOT NULL BEGIN
  INSERT INTO message_activity(org_id, hour, last_heard) VALUES (NEW.org_id, NEW.last_received_at / 3600000 * 3600000, 1)
    ON CONFLICT DO UPDATE SET last_heard = last_heard + 1;
END;
--> statement-breakpoint
CREATE TRIGGER contacts_heard AFTER UPDATE OF last_received_at ON contacts
WHEN OLD.last_received_at / 3600000 IS NOT NEW.last_received_at / 3600000 BEGIN
  UPDATE message_activity SET last_heard = last_heard - 1 WHERE org_id = OLD.org_id AND hour = OLD.last_received_at / 3600000 * 3600000;
  INSERT INTO message_activity(org_id, hour, last_heard)
    SELECT NEW.org_id, NEW.last_received_at / 3600000 * 3600000, 1 WHERE NEW.last_received_at IS NOT NULL
    ON CONFLICT DO UPDATE SET last_heard = last_heard + 1;
END;
--> statement-breakpoint
CREATE TRIGGER contacts_unheard AFTER DELETE ON contacts WHEN OLD.last_received_at IS NOT NULL BEGIN
  UPDATE message_activity SET last_heard = last_heard - 1 WHERE org_id = OLD.org_id AND hour = OLD.last_received_at / 3600000 * 3600000;
END;
--> statement-breakpoint

-- The rows that were there before.
INSERT INTO message_rollups(org_id, campaign_id, span, start, counts, sent, timed, timed_ms)
  SELECT org_id, '', span, start, json_group_object(status, n), sum(sent), sum(timed), sum(timed_ms) FROM (
    SELECT org_id, k.value AS span, created_at / (k.value * 3600000) * (k.value * 3600000) AS start, status, count(*) AS n,
      sum(sent_at IS NOT NULL) AS sent,
      sum(status IN ('delivered', 'read') AND sent_at IS NOT NULL AND delivered_at IS NOT NULL) AS timed,
      sum(CASE WHEN status IN ('delivered', 'read') THEN coalesce(max(0, delivered_at - sent_at), 0) ELSE 0 END) AS timed_ms
    FROM messages, json_each('[1, 24]') k WHERE direction = 'outbound' GROUP BY 1, 2, 3, 4
  ) GROUP BY org_id, span, start;
--> statement-breakpoint
INSERT INTO message_activity(org_id, hour, sent, delivered, failed, timed, timed_ms)
  SELECT org_id, coalesce(sent_at, created_at) / 3600000 * 3600000, sum(sent_at IS NOT NULL),
    sum(sent_at IS NOT NULL AND status IN ('delivered', 'read')), sum(status IN ('failed', 'undelivered')),
    sum(status IN ('delivered', 'read') AND sent_at IS NOT NULL AND delivered_at IS NOT NULL),
    sum(CASE WHEN status IN ('delivered', 'read') THEN coalesce(max(0, delivered_at - sent_at), 0) ELSE 0 END)
  FROM messages WHERE direction = 'outbound' AND (sent_at IS NOT NULL OR status IN ('failed', 'undelivered')) GROUP BY 1, 2;
--> statement-breakpoint
INSERT INTO message_activity(org_id, hour, inbound)
  SELECT org_id, created_at / 3600000 * 3600000, count(*) FROM messages WHERE direction = 'inbound' GROUP BY 1, 2
  ON CONFLICT DO UPDATE SET inbound = excluded.inbound;
--> statement-breakpoint
INSERT INTO message_activity(org_id, hour, last_heard)
  SELECT org_id, last_received_at / 3600000 * 3600000, count(*) FROM contacts WHERE last_received_at IS NOT NULL GROUP BY 1, 2
  ON CONFLICT DO UPDATE SET last_heard = excluded.last_heard;
--> statement-breakpoint
INSERT INTO message_errors(org_id, campaign_id, hour, code, name, n, last_at)
  SELECT org_id, '', coalesce(sent_at, created_at) / 3600000 * 3600000, coalesce(error_code, ''), max(error_name), count(*), max(updated_at)
  FROM messages WHERE direction = 'outbound' AND status IN ('failed', 'undelivered') GROUP BY 1, 3, 4;
