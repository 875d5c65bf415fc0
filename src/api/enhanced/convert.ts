// The only place where this API's wire names meet ours.
import type { z } from "zod";
import type { AuditView } from "../../domain/audit/list.ts";
import type { CodeBudget } from "../../domain/code-budget/budget.ts";
import type { DeadLetter } from "../../domain/dead-letter/list.ts";
import type { ApiKeyView } from "../../domain/identity/api-keys.ts";
import type { Me } from "../../domain/identity/me.ts";
import type { Member } from "../../domain/identity/members.ts";
import type { RetentionDays } from "../../domain/retention/days.ts";
import { type Page, pageCount } from "../shared/page.ts";
import type { auditQuery, codeBudgetBody, retentionBody } from "./schema.ts";

export const timeOf = (ms: number): string => new Date(ms).toISOString();
const timeOrNull = (ms: number | null): string | null => (ms === null ? null : timeOf(ms));

/** PaginationInfo of the document. */
export const toPagination = ({ page, size }: Page, total: number) => ({
  total,
  page,
  limit: size,
  totalPages: pageCount(total, size),
});

export const toKey = (key: ApiKeyView) => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  scopes: key.scopes,
  created_by: key.createdBy,
  created_at: timeOf(key.createdAt),
  last_used_at: timeOrNull(key.lastUsedAt),
  revoked_at: timeOrNull(key.revokedAt),
});

export const toMember = (member: Member) => ({
  user_id: member.userId,
  role: member.role,
  created_by: member.createdBy,
  created_at: timeOf(member.createdAt),
});

export const toMe = (me: Me) => ({
  user: { id: me.userId, username: me.username },
  kind: me.kind,
  scopes: me.scopes,
  organization_id: me.organizationId,
  organizations: me.organizations,
});

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

const given = <T>(name: string, value: T | undefined): { [name: string]: T } =>
  value === undefined ? {} : { [name]: value };

export const fromCodeBudget = (
  body: z.output<typeof codeBudgetBody>,
): { [Name in keyof CodeBudget]?: number | null } => ({
  ...given("steps", body.steps),
  ...given("memoryBytes", body.memory_bytes),
  ...given("outputBytes", body.output_bytes),
  ...given("depth", body.depth),
});

export const toCodeBudget = ({ steps, memoryBytes, outputBytes, depth }: CodeBudget) => ({
  steps,
  memory_bytes: memoryBytes,
  output_bytes: outputBytes,
  depth,
});

export const fromRetention = (
  body: z.output<typeof retentionBody>,
): { [Name in keyof RetentionDays]?: number | null } => ({
  ...given("executions", body.executions_days),
  ...given("events", body.events_days),
  ...given("messages", body.messages_days),
  ...given("deadLetters", body.dead_letters_days),
});

export const toRetention = (days: RetentionDays) => ({
  executions_days: days.executions,
  events_days: days.events,
  messages_days: days.messages,
  dead_letters_days: days.deadLetters,
});
