// The status as a field of a workflow: what is written there is done by the verb that leads there.
import type { Context } from "../context.ts";
import { invalid } from "../errors.ts";
import { openWorkflowHead, requireNotArchived } from "../workflow/access.ts";
import { archiveWorkflow } from "../workflow/archive-workflow.ts";
import type { Workflow, WorkflowStatus } from "../workflow/workflow.ts";
import { activateWorkflow, neverActivated, pauseWorkflow, resetWorkflow } from "./activate-workflow.ts";
import { createWorkflow, type NewMarketingWorkflow } from "./create-workflow.ts";
import { type MarketingChange, updateWorkflow } from "./update-workflow.ts";

const WAYS: Record<WorkflowStatus, (context: Context, id: string) => Promise<unknown>> = {
  draft: resetWorkflow,
  active: activateWorkflow,
  paused: pauseWorkflow,
  archived: archiveWorkflow,
};

/** What is not said stays. An archived one leaves the archive before it is changed, any other is changed first. */
export const editWorkflow = async (
  context: Context,
  id: string,
  change: MarketingChange,
  status?: WorkflowStatus,
): Promise<void> => {
  const before = await openWorkflowHead(context, id, "edit");
  const isMoved = status !== undefined && status !== before.status;
  // Said before anything is changed.
  if (status === "paused" && before.status === "draft") throw neverActivated();
  if (status === "paused") requireNotArchived(before);
  const leavesArchive = isMoved && before.status === "archived";
  if (leavesArchive) await resetWorkflow(context, id);
  if (Object.keys(change).length > 0) await updateWorkflow(context, id, change);
  if (isMoved && !(leavesArchive && status === "draft")) await WAYS[status](context, id);
};

/** A new one is a draft, or active at once. Throws `invalid_input` for another status. */
export const createWithStatus = async (
  context: Context,
  input: NewMarketingWorkflow,
  status: WorkflowStatus,
): Promise<Workflow> => {
  if (status !== "draft" && status !== "active") throw invalid("status", "A new workflow is DRAFT or ACTIVE.");
  const workflow = await createWorkflow(context, input);
  return status === "active" ? activateWorkflow(context, workflow.id) : workflow;
};
