// The workflows that the caller can see.
import { listWorkflows as queryWorkflows } from "../../db/queries/workflows.ts";
import { atLeast, type Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import type { WorkflowStatus, WorkflowSummary } from "./workflow.ts";

export type WorkflowListFilter = { entityId?: number; status?: WorkflowStatus; search?: string };

/** Newest first. What was hidden from the caller by a permission is left out and not counted. */
export const listWorkflows = (
  context: Context,
  filter: WorkflowListFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: WorkflowSummary[]; total: number }> => {
  const { principal, ports } = context;
  authorizeRole(principal, "viewer", "read");
  const visibleTo = atLeast(principal.role, "admin") ? {} : { visibleTo: principal.userId };
  return queryWorkflows(ports.db, principal.organizationId, { ...filter, ...visibleTo }, page);
};
