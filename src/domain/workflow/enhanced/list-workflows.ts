// The workflows of an organisation that the caller can see, whichever API made them, with how they fare, and what they can be filtered by.
import { listWorkflowHeads, type WorkflowLabels, type WorkflowListFilter } from "../../../db/queries/workflow-list.ts";
import { atLeast, type Context } from "../../context.ts";
import { authorizeRole } from "../../permission.ts";
import type { WorkflowSummary } from "../workflow.ts";
import { NEVER_RUN, type Standing, standingsOf } from "./record.ts";

export type WorkflowListing = { rows: (WorkflowSummary & Standing)[]; total: number; labels: WorkflowLabels };

/** What was hidden from the caller by a permission is left out and not counted. Archived ones are listed when they are asked for only. */
export const listEnhancedWorkflows = async (
  { principal, ports: { db } }: Context,
  filter: Omit<WorkflowListFilter, "visibleTo">,
  page: { limit: number; offset: number },
): Promise<WorkflowListing> => {
  authorizeRole(principal, "viewer", "read");
  const { organizationId } = principal;
  const visibleTo = atLeast(principal.role, "admin") ? {} : { visibleTo: principal.userId };
  const { rows, total, labels } = await listWorkflowHeads(db, organizationId, { ...filter, ...visibleTo }, page);
  const standings = await standingsOf(
    db,
    organizationId,
    rows.map(({ id }) => id),
  );
  return { rows: rows.map((row) => ({ ...row, ...(standings.get(row.id) ?? NEVER_RUN) })), total, labels };
};
