// A new action, alone or for a workflow that has it from then on.
import type { Context } from "../context.ts";
import { joinAction } from "./join-workflow.ts";
import type { PartInput } from "./part.ts";
import { createPart, newPart, type Written } from "./parts.ts";

type JoinedAtOnce = { workflowId: string; isRequired: boolean; conditionId: string | null };

/** Both or neither: an action for a workflow that cannot have it would be nobody's. */
export const createAction = async (
  context: Context,
  input: PartInput<"action">,
  joins: JoinedAtOnce | null,
): Promise<Written<"action">> => {
  if (!joins) return createPart(context, "action", input);
  const { workflowId, ...terms } = joins;
  const { part: action, warnings, statements } = await newPart(context, "action", input);
  await joinAction(context, workflowId, { ...terms, position: null }, async () => ({ action, statements }));
  return { part: action, warnings };
};
