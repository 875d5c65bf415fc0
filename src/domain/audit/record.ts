// One audit row for a mutation, in the mutation's own batch, so that neither exists without the other.
import { type AuditCondition, type AuditRow, insertAudit, insertAuditIf } from "../../db/queries/audit.ts";
import { newId } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { Context, Principal } from "../context.ts";
import type { Database } from "../ports.ts";

/** `<thing>.<done>`, e.g. `workflow.published`. Details never hold a secret: name what changed, not a key or password. */
export type AuditEntry = {
  action: string;
  targetType?: string;
  targetId?: string;
  details?: JsonObject;
};

export const actorOf = (principal: Principal): string =>
  principal.kind === "key" ? `key:${principal.keyId}` : `user:${principal.userId}`;

/** The statement that records what the caller does. Put it in the same `ports.db.batch([…])` as the mutation. */
export const auditStatement = ({ principal, ports, requestId }: Context, entry: AuditEntry): D1PreparedStatement =>
  auditOf(ports.db, principal.organizationId, actorOf(principal), requestId, ports.now(), entry);

/** The row itself, for an object that is the truth about the mutation and tells the database of both together. */
export const auditRow = ({ principal, ports, requestId }: Context, entry: AuditEntry): AuditRow =>
  rowOf(principal.organizationId, actorOf(principal), requestId, ports.now(), entry);

/** The same, unless `condition` has become untrue: of two callers that change a state at once, one leaves a row. */
export const auditStatementIf = (
  { principal, ports, requestId }: Context,
  condition: AuditCondition,
  entry: AuditEntry,
): D1PreparedStatement => {
  const row = rowOf(principal.organizationId, actorOf(principal), requestId, ports.now(), entry);
  return insertAuditIf(ports.db, row, condition);
};

/** The same for what happens before or without a principal: a login, a scheduled job. */
export const auditOf = (
  db: Database,
  organizationId: string,
  actor: string,
  requestId: string,
  at: number,
  entry: AuditEntry,
): D1PreparedStatement => insertAudit(db, rowOf(organizationId, actor, requestId, at, entry));

/** The same, unless `condition` has become untrue. */
export const auditOfIf = (
  db: Database,
  condition: AuditCondition,
  organizationId: string,
  actor: string,
  requestId: string,
  at: number,
  entry: AuditEntry,
): D1PreparedStatement => insertAuditIf(db, rowOf(organizationId, actor, requestId, at, entry), condition);

const rowOf = (organizationId: string, actor: string, requestId: string, at: number, entry: AuditEntry): AuditRow => ({
  organizationId,
  id: newId(at),
  actor,
  action: entry.action,
  targetType: entry.targetType ?? null,
  targetId: entry.targetId ?? null,
  details: entry.details ?? null,
  requestId,
  at,
});
