// An execution by hand for a person as another system knows them: who may not execute the workflow changes nobody.
import { type Profile, upsertContact } from "../contact/upsert-contact.ts";
import type { Context } from "../context.ts";
import { type ExecuteRequest, executeWorkflow, type StartedExecution } from "../execution/execute-workflow.ts";
import { openWorkflowHead } from "../workflow/access.ts";

/** Throws what `executeWorkflow` and `upsertContact` throw. */
export const executeFor = async (
  context: Context,
  workflowId: string,
  profile: Profile,
  request: Omit<ExecuteRequest, "contactId">,
): Promise<StartedExecution> => {
  await openWorkflowHead(context, workflowId, "execute");
  const contactId = await upsertContact(context, profile);
  return executeWorkflow(context, workflowId, { ...request, ...(contactId === undefined ? {} : { contactId }) });
};
