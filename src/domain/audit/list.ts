// Reading the audit log: for admins.
import { type AuditFilter, type AuditRow, listAudit as listRows } from "../../db/queries/audit.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";

export type AuditView = Omit<AuditRow, "organizationId">;

/** Newest first. */
export const listAudit = async (
  { principal, ports }: Context,
  filter: AuditFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: AuditView[]; total: number }> => {
  authorizeRole(principal, "admin", "admin");
  const { rows, total } = await listRows(ports.db, principal.organizationId, filter, page);
  return { rows: rows.map(({ organizationId: _, ...view }) => view), total };
};
