// The soft end of a workflow: nothing starts it any more. Runs under way go on to their end, its history stays readable.
import { updateWorkflow } from "../../db/queries/workflows.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { openWorkflowHead } from "./access.ts";
import { stopListening } from "./listening.ts";
import type { WorkflowSummary } from "./workflow.ts";

/** Archiving what is archived changes nothing, and tells the objects again. */
export const archiveWorkflow = async (context: Context, id: string): Promise<WorkflowSummary> => {
  const workflow = await openWorkflowHead(context, id, "delete");
  const { db, now } = context.ports;
  const listening = await stopListening(context.ports, workflow);
  if (workflow.status === "archived") {
    await listening.tellObjects();
    return workflow;
  }
  const archivedAt = now();
  const change = { status: "archived", archivedAt, updatedAt: archivedAt } as const;
  await db.batch([
    updateWorkflow(db, workflow.organizationId, id, change),
    ...listening.statements,
    auditStatement(context, { action: "workflow.archived", targetType: "workflow", targetId: id }),
  ]);
  await listening.tellObjects();
  return { ...workflow, ...change };
};
