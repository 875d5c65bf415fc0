// The runs of a workflow, from the index.
import {
  type ExecutionFilter,
  type ExecutionRow,
  listExecutions as queryExecutions,
} from "../../db/queries/executions.ts";
import type { Context } from "../context.ts";
import { openWorkflowHead } from "../workflow/access.ts";

export type { ExecutionFilter };
export type ExecutionListing = ExecutionRow;

export const listExecutions = async (
  context: Context,
  filter: ExecutionFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: ExecutionListing[]; total: number }> => {
  const { organizationId } = await openWorkflowHead(context, filter.workflowId, "view");
  return queryExecutions(context.ports.db, organizationId, filter, page);
};
