// A new action, alone or for a workflow that has it from then on.
import { findPart } from "../../db/queries/marketing-parts.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { addAction } from "./join-workflow.ts";
import { openForChange } from "./open-workflow.ts";
import type { PartInput } from "./part.ts";
import { createPart, type Written } from "./parts.ts";

type JoinedAtOnce = { workflowId: string; isRequired: boolean; conditionId: string | null };

export const createAction = async (
  context: Context,
  input: PartInput<"action">,
  joins: JoinedAtOnce | null,
): Promise<Written<"action">> => {
  if (!joins) return createPart(context, "action", input);
  const { workflowId, isRequired, conditionId } = joins;
  // Before anything is made: an action for a workflow that cannot have it would be nobody's.
  const { organizationId } = await openForChange(context, workflowId);
  const hasCondition =
    conditionId === null ||
    (await findPart(context.ports.db, { organizationId, kind: "condition", id: conditionId })) !== undefined;
  if (!hasCondition) throw notFound("condition");
  const written = await createPart(context, "action", input);
  await addAction(context, workflowId, { actionId: written.part.id, position: null, isRequired, conditionId });
  return written;
};
