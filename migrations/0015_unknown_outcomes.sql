-- A message of which nobody knows whether it left counts as `unknown`, no longer as one that is still to go (scheduled). Written by hand.
DROP TRIGGER messages_rolled_up;
--> statement-breakpoint
DROP TRIGGER messages_moved;
--> statement-breakpoint
DROP TRIGGER messages_gone;
--> statement-breakpoint
CREATE TRIGGER messages_rolled_up AFTER INSERT ON messages WHEN NEW.direction = 'outbound' BEGIN
  INSERT INTO message_rollups(org_id, campaign_id, span, start, counts, sent, timed, timed_ms)
    SELECT NEW.org_id, s.campaign, s.span, s.start, json_object(k.kind, 1), NEW.sent_at IS NOT NULL,
      NEW.status IN ('delivered', 'read') AND NEW.sent_at IS NOT NULL AND NEW.delivered_at IS NOT NULL,
      CASE WHEN NEW.status IN ('delivered', 'read') THEN coalesce(max(0, NEW.delivered_at - NEW.sent_at), 0) ELSE 0 END
    FROM (
      SELECT '' AS campaign, 24 AS span, NEW.created_at / 86400000 * 86400000 AS start
      UNION ALL SELECT '', 1, NEW.created_at / 3600000 * 3600000
      UNION ALL SELECT NEW.campaign_id, 1, NEW.created_at / 3600000 * 3600000 WHERE NEW.campaign_id IS NOT NULL
      UNION ALL SELECT NEW.campaign_id, 0, 0 WHERE NEW.campaign_id IS NOT NULL
    ) s CROSS JOIN (SELECT CASE WHEN NEW.status = 'scheduled' AND NEW.error_code IS 'UNKNOWN_OUTCOME' THEN 'unknown' ELSE NEW.status END AS kind) k WHERE true
    ON CONFLICT DO UPDATE SET
      counts = (SELECT json_set(counts, '$.' || key, coalesce(counts ->> key, 0) + 1) FROM json_each(excluded.counts)),
      sent = sent + excluded.sent,
      timed = timed + excluded.timed,
      timed_ms = timed_ms + excluded.timed_ms;
END;
--> statement-breakpoint
CREATE TRIGGER messages_moved AFTER UPDATE OF status, error_code, sent_at, delivered_at ON messages
WHEN NEW.direction = 'outbound'
  AND (OLD.status <> NEW.status OR (OLD.error_code IS 'UNKNOWN_OUTCOME') <> (NEW.error_code IS 'UNKNOWN_OUTCOME') OR OLD.sent_at IS NOT NEW.sent_at OR OLD.delivered_at IS NOT NEW.delivered_at) BEGIN
  UPDATE message_rollups SET
    counts = (SELECT CASE WHEN was = is_now THEN counts ELSE json_set(counts,
      '$.' || was, (counts ->> was) - 1, '$.' || is_now, coalesce(counts ->> is_now, 0) + 1) END
      FROM (SELECT CASE WHEN OLD.status = 'scheduled' AND OLD.error_code IS 'UNKNOWN_OUTCOME' THEN 'unknown' ELSE OLD.status END AS was,
        CASE WHEN NEW.status = 'scheduled' AND NEW.error_code IS 'UNKNOWN_OUTCOME' THEN 'unknown' ELSE NEW.status END AS is_now)),
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
    (counts, gone) = (SELECT json_set(counts, '$.' || kind, (counts ->> kind) - 1), json_set(gone, '$.' || kind, coalesce(gone ->> kind, 0) + 1)
      FROM (SELECT CASE WHEN OLD.status = 'scheduled' AND OLD.error_code IS 'UNKNOWN_OUTCOME' THEN 'unknown' ELSE OLD.status END AS kind)),
    sent_gone = sent_gone + (OLD.sent_at IS NOT NULL)
  WHERE org_id = OLD.org_id AND (campaign_id, span, start) IN (
    SELECT '', 24, OLD.created_at / 86400000 * 86400000
    UNION ALL SELECT '', 1, OLD.created_at / 3600000 * 3600000
    UNION ALL SELECT OLD.campaign_id, 1, OLD.created_at / 3600000 * 3600000 WHERE OLD.campaign_id IS NOT NULL
    UNION ALL SELECT OLD.campaign_id, 0, 0 WHERE OLD.campaign_id IS NOT NULL
  );
END;
--> statement-breakpoint
-- Those that were there before.
UPDATE message_rollups SET counts = json_set(counts, '$.scheduled', (counts ->> 'scheduled') - u.n, '$.unknown', u.n)
FROM (
  SELECT org_id, '' AS campaign, k.value AS span, created_at / (k.value * 3600000) * (k.value * 3600000) AS start, count(*) AS n
    FROM messages, json_each('[1, 24]') k
    WHERE error_code = 'UNKNOWN_OUTCOME' AND status = 'scheduled' AND direction = 'outbound' GROUP BY 1, 3, 4
  UNION ALL SELECT org_id, campaign_id, 1, created_at / 3600000 * 3600000, count(*)
    FROM messages WHERE error_code = 'UNKNOWN_OUTCOME' AND status = 'scheduled' AND campaign_id IS NOT NULL GROUP BY 1, 2, 4
  UNION ALL SELECT org_id, campaign_id, 0, 0, count(*)
    FROM messages WHERE error_code = 'UNKNOWN_OUTCOME' AND status = 'scheduled' AND campaign_id IS NOT NULL GROUP BY 1, 2
) AS u
WHERE message_rollups.org_id = u.org_id AND message_rollups.campaign_id = u.campaign AND message_rollups.span = u.span AND message_rollups.start = u.start;
