-- A campaign's rollup of all time (span 0), so that its summary is one row however long it ran. Written by hand.
DROP TRIGGER messages_rolled_up;
--> statement-breakpoint
DROP TRIGGER messages_moved;
--> statement-breakpoint
DROP TRIGGER messages_gone;
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
      UNION ALL SELECT NEW.campaign_id, 0, 0 WHERE NEW.campaign_id IS NOT NULL
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
    UNION ALL SELECT NEW.campaign_id, 0, 0 WHERE NEW.campaign_id IS NOT NULL
  );
END;
--> statement-breakpoint
CREATE TRIGGER messages_gone AFTER DELETE ON messages WHEN OLD.direction = 'outbound' BEGIN
  UPDATE message_rollups SET
    counts = json_set(counts, '$.' || OLD.status, (counts ->> OLD.status) - 1),
    gone = json_set(gone, '$.' || OLD.status, coalesce(gone ->> OLD.status, 0) + 1),
    sent_gone = sent_gone + (OLD.sent_at IS NOT NULL)
  WHERE org_id = OLD.org_id AND (campaign_id, span, start) IN (
    SELECT '', 24, OLD.created_at / 86400000 * 86400000
    UNION ALL SELECT '', 1, OLD.created_at / 3600000 * 3600000
    UNION ALL SELECT OLD.campaign_id, 1, OLD.created_at / 3600000 * 3600000 WHERE OLD.campaign_id IS NOT NULL
    UNION ALL SELECT OLD.campaign_id, 0, 0 WHERE OLD.campaign_id IS NOT NULL
  );
END;
--> statement-breakpoint
-- The campaigns that were there before, from their hours.
INSERT INTO message_rollups(org_id, campaign_id, span, start, counts, gone, sent, sent_gone, timed, timed_ms)
  SELECT r.org_id, r.campaign_id, 0, 0,
    coalesce((SELECT json_group_object(key, n) FROM (SELECT c.key, sum(c.value) AS n FROM message_rollups h, json_each(h.counts) c
      WHERE h.org_id = r.org_id AND h.campaign_id = r.campaign_id AND h.span = 1 GROUP BY c.key)), '{}'),
    coalesce((SELECT json_group_object(key, n) FROM (SELECT c.key, sum(c.value) AS n FROM message_rollups h, json_each(h.gone) c
      WHERE h.org_id = r.org_id AND h.campaign_id = r.campaign_id AND h.span = 1 GROUP BY c.key)), '{}'),
    sum(r.sent), sum(r.sent_gone), sum(r.timed), sum(r.timed_ms)
  FROM message_rollups r WHERE r.campaign_id <> '' AND r.span = 1 GROUP BY r.org_id, r.campaign_id;
--> statement-breakpoint

-- Errors of a campaign are of all time as well (hour 0).
DROP TRIGGER messages_failed;
--> statement-breakpoint
DROP TRIGGER messages_failing;
--> statement-breakpoint
CREATE TRIGGER messages_failed AFTER INSERT ON messages
WHEN NEW.direction = 'outbound' AND NEW.status IN ('failed', 'undelivered') BEGIN
  INSERT INTO message_errors(org_id, campaign_id, hour, code, name, n, last_at)
    SELECT NEW.org_id, k.campaign,
      CASE k.campaign WHEN '' THEN coalesce(NEW.sent_at, NEW.created_at) / 3600000 * 3600000 ELSE 0 END, coalesce(NEW.error_code, ''),
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
    SELECT NEW.org_id, k.campaign, CASE k.campaign WHEN '' THEN e.hour ELSE 0 END, e.code, max(e.name), sum(e.n), max(e.at)
    FROM (SELECT '' AS campaign UNION ALL SELECT NEW.campaign_id WHERE NEW.campaign_id IS NOT NULL) k
    CROSS JOIN (
      SELECT coalesce(OLD.sent_at, OLD.created_at) / 3600000 * 3600000 AS hour, coalesce(OLD.error_code, '') AS code, NULL AS name, -1 AS n, 0 AS at
        WHERE OLD.status IN ('failed', 'undelivered')
      UNION ALL
      SELECT coalesce(NEW.sent_at, NEW.created_at) / 3600000 * 3600000, coalesce(NEW.error_code, ''), NEW.error_name, 1, NEW.updated_at
        WHERE NEW.status IN ('failed', 'undelivered')
    ) e WHERE true GROUP BY 2, 3, 4 HAVING sum(e.n) <> 0
    ON CONFLICT DO UPDATE SET name = coalesce(excluded.name, name), n = n + excluded.n, last_at = max(last_at, excluded.last_at);
END;
--> statement-breakpoint
INSERT INTO message_errors(org_id, campaign_id, hour, code, name, n, last_at)
  SELECT org_id, campaign_id, 0, code, max(name), sum(n), max(last_at) FROM message_errors WHERE campaign_id <> '' GROUP BY 1, 2, 4;
--> statement-breakpoint
DELETE FROM message_errors WHERE campaign_id <> '' AND hour <> 0;
