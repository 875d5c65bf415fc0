// The soft end of a workflow, with how many runs it leaves to go on.
import type { Context } from "../../context.ts";
import { openWorkflow } from "../access.ts";
import { archiveWorkflow } from "../archive-workflow.ts";
import { recordOf, type WorkflowRecord } from "./record.ts";

/** Of any API. Repeating it changes nothing. */
export const deleteEnhancedWorkflow = async (context: Context, id: string): Promise<WorkflowRecord> => {
  const workflow = await openWorkflow(context, id, "delete");
  const { status, archivedAt, updatedAt } = await archiveWorkflow(context, id);
  return recordOf(context.ports.db, { ...workflow, status, archivedAt, updatedAt });
};
