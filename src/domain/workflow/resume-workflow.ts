// A paused workflow that may start again, whichever API made it.
import { updateWorkflow } from "../../db/queries/workflows.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { batchUnless, changeTime, unlessChanged } from "./changing.ts";
import { type Definition, programOf } from "./definition.ts";
import { definitionOfVersion } from "./definition-of-version.ts";
import { startListening } from "./listening.ts";
import { publishOpened } from "./publish-workflow.ts";
import type { Workflow } from "./workflow.ts";

/**
 * Of a workflow that the caller may edit; inside `changing`. Where edits are a draft until they are published (core), it goes on with what was
 * published; else with what it is now.
 */
export const resumeOpened = async (context: Context, workflow: Workflow): Promise<Workflow> => {
  if (workflow.status !== "paused")
    throw new DomainError("conflict", "Only a paused workflow can be resumed here", { subject: "workflow" });
  const { db, egress } = context.ports;
  const { organizationId, id, publishedVersionId } = workflow;
  const unless = unlessChanged(context, workflow);
  const updatedAt = changeTime(context, workflow);
  const published: Definition | null =
    workflow.authoring === "core" && publishedVersionId !== null
      ? await definitionOfVersion(db, organizationId, publishedVersionId)
      : null;
  const program = programOf(published ?? workflow.definition, "invalid_definition", egress);
  if (!published) {
    const { workflow: resumed } = await publishOpened(context, workflow, program, { unless, change: { updatedAt } });
    return { ...resumed, updatedAt };
  }
  const listening = await startListening(context.ports, workflow, publishedVersionId!, program);
  const change = { status: "active", updatedAt } as const;
  await batchUnless(context, unless, [
    updateWorkflow(db, organizationId, id, change),
    ...listening.statements,
    auditStatement(context, { action: "workflow.resumed", targetType: "workflow", targetId: id }),
  ]);
  await listening.tellObjects();
  return { ...workflow, ...change };
};
