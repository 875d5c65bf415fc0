// The end of a flow for its user: it is archived, so nothing starts it and no list of flows has it. Conversations that run go on to their end, and
// what was said stays readable.
import type { Context } from "../context.ts";
import { archiveWorkflow } from "../workflow/archive-workflow.ts";
import { openFlow } from "./open-flow.ts";

export const deleteFlow = async (context: Context, id: string): Promise<void> => {
  await openFlow(context, id, "delete");
  await archiveWorkflow(context, id);
};
