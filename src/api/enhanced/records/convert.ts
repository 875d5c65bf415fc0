// Where the wire names of the audit log and of dead letters meet ours.
import type { z } from "zod";
import type { AuditView } from "../../../domain/audit/list.ts";
import type { DeadLetter } from "../../../domain/dead-letter/list.ts";
import { timeOf, timeOrNull } from "../convert.ts";
import type { auditQuery } from "./schema.ts";

export const fromAuditQuery = (query: z.output<typeof auditQuery>) => ({
  actor: query.actor,
  action: query.action,
  targetType: query.target_type,
  targetId: query.target_id,
  from: query.startDate,
  to: query.endDate,
});

export const toAuditEntry = (row: AuditView) => ({
  id: row.id,
  actor: row.actor,
  action: row.action,
  target_type: row.targetType,
  target_id: row.targetId,
  details: row.details ?? {},
  request_id: row.requestId,
  at: timeOf(row.at),
});

export const toDeadLetter = (letter: DeadLetter) => ({
  id: letter.id,
  queue: letter.queue,
  subject_id: letter.subjectId,
  body: letter.body,
  error: letter.error,
  attempts: letter.attempts,
  created_at: timeOf(letter.createdAt),
  replayed_at: timeOrNull(letter.replayedAt),
});
