// Reading one marketing workflow on behalf of somebody who wants to change it: it is edited only where it was made.
import type { Context } from "../context.ts";
import { openWorkflow, requireAuthoring, requireNotArchived } from "../workflow/access.ts";
import type { Workflow } from "../workflow/workflow.ts";

/** Throws `not_found`, `forbidden`, `conflict` for a workflow of another API. */
export const openOwn = async (context: Context, id: string): Promise<Workflow> => {
  const workflow = await openWorkflow(context, id, "edit");
  requireAuthoring(workflow, "marketing");
  return workflow;
};

/** The same, `impossible` for an archived one: it has to be reset first. */
export const openForChange = async (context: Context, id: string): Promise<Workflow> => {
  const workflow = await openOwn(context, id);
  requireNotArchived(workflow);
  return workflow;
};
