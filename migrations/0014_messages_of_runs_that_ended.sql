-- A run that has ended sends nothing more and looks nothing up: its messages that were held back are over, and of those that had been claimed
-- nobody will find out whether they left, so they are listed. Written by hand.
CREATE TRIGGER messages_of_run_ended AFTER UPDATE OF status ON executions
WHEN OLD.status IN ('queued', 'running', 'waiting') AND NEW.status NOT IN ('queued', 'running', 'waiting') BEGIN
  UPDATE messages SET
    status = CASE WHEN hold_until IS NULL THEN status ELSE 'canceled' END,
    error_code = CASE WHEN hold_until IS NULL THEN 'UNKNOWN_OUTCOME' ELSE 'RUN_ENDED' END,
    error = CASE WHEN hold_until IS NULL THEN 'The run ended before its outcome was known' ELSE 'The run ended before it could leave' END,
    updated_at = CASE WHEN hold_until IS NULL THEN updated_at ELSE max(updated_at, NEW.updated_at) END,
    hold_until = NULL
  WHERE org_id = NEW.org_id AND step_key >= NEW.id || ':' AND step_key < NEW.id || ';'
    AND status = 'scheduled' AND provider_id IS NULL AND (hold_until IS NOT NULL OR error_code IS NULL);
END;
--> statement-breakpoint
-- The first word of a run may be its last.
CREATE TRIGGER messages_of_run_told_ended AFTER INSERT ON executions WHEN NEW.status NOT IN ('queued', 'running', 'waiting') BEGIN
  UPDATE messages SET
    status = CASE WHEN hold_until IS NULL THEN status ELSE 'canceled' END,
    error_code = CASE WHEN hold_until IS NULL THEN 'UNKNOWN_OUTCOME' ELSE 'RUN_ENDED' END,
    error = CASE WHEN hold_until IS NULL THEN 'The run ended before its outcome was known' ELSE 'The run ended before it could leave' END,
    updated_at = CASE WHEN hold_until IS NULL THEN updated_at ELSE max(updated_at, NEW.updated_at) END,
    hold_until = NULL
  WHERE org_id = NEW.org_id AND step_key >= NEW.id || ':' AND step_key < NEW.id || ';'
    AND status = 'scheduled' AND provider_id IS NULL AND (hold_until IS NOT NULL OR error_code IS NULL);
END;
--> statement-breakpoint
-- Those of runs that had ended before.
UPDATE messages SET
  status = CASE WHEN hold_until IS NULL THEN status ELSE 'canceled' END,
  error_code = CASE WHEN hold_until IS NULL THEN 'UNKNOWN_OUTCOME' ELSE 'RUN_ENDED' END,
  error = CASE WHEN hold_until IS NULL THEN 'The run ended before its outcome was known' ELSE 'The run ended before it could leave' END,
  hold_until = NULL
WHERE direction = 'outbound' AND status = 'scheduled' AND provider_id IS NULL AND (hold_until IS NOT NULL OR error_code IS NULL)
  AND EXISTS (SELECT 1 FROM executions e
    WHERE e.org_id = messages.org_id AND e.id = messages.execution_id AND e.status NOT IN ('queued', 'running', 'waiting'));
