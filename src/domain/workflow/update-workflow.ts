// Changes to a workflow's draft and its words. What runs stays the published version until the next publish.
import { updateWorkflow as updateStatement } from "../../db/queries/workflows.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { openWorkflow, requireAuthoring, requireNotArchived } from "./access.ts";
import { checkConditions, checkSize, type Definition } from "./definition.ts";
import type { Authoring, Workflow } from "./workflow.ts";

/** A field that is absent keeps its value. */
export type WorkflowChange = Partial<
  Pick<Workflow, "name" | "description" | "communityId" | "tags" | "category" | "wire">
> & {
  definition?: Partial<Definition>;
};

export const updateWorkflow = async (
  context: Context,
  via: Authoring,
  id: string,
  { definition: changed, ...change }: WorkflowChange,
): Promise<Workflow> => {
  const workflow = await openWorkflow(context, id, "edit");
  requireAuthoring(workflow, via);
  requireNotArchived(workflow);
  const definition = { ...workflow.definition, ...changed };
  checkSize(definition);
  if (changed) checkConditions(definition);
  const { db, now } = context.ports;
  const updated: Workflow = { ...workflow, ...change, definition, updatedAt: now() };
  const { organizationId } = workflow;
  await db.batch([
    updateStatement(db, organizationId, id, {
      ...change,
      ...(changed && { definition: definition }),
      updatedAt: updated.updatedAt,
    }),
    auditStatement(context, {
      action: "workflow.updated",
      targetType: "workflow",
      targetId: id,
      details: { fields: [...Object.keys(change), ...Object.keys(changed ?? {})] },
    }),
  ]);
  return updated;
};
