// A workflow that nothing starts until it is published again. Runs under way go on to their end.
import { isArchivedMeanwhile, updateWorkflow } from "../../db/queries/workflows.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { stopListening } from "./listening.ts";
import type { WorkflowSummary } from "./workflow.ts";

/**
 * Of a workflow that the caller may edit, at `at` (epoch ms). Pausing what is paused changes nothing, and tells the objects again. `unless` makes
 * the batch fail, and says what is said then.
 */
export const pauseOpened = async (
  context: Context,
  workflow: WorkflowSummary,
  at: number,
  unless: { statement: D1PreparedStatement; refusal: () => Error },
): Promise<Pick<WorkflowSummary, "status" | "updatedAt">> => {
  const { db } = context.ports;
  const { organizationId, id } = workflow;
  const listening = await stopListening(context.ports, workflow);
  if (workflow.status === "paused") {
    await listening.tellObjects();
    return workflow;
  }
  const change = { status: "paused", updatedAt: at } as const;
  const batch = db.batch([
    unless.statement,
    updateWorkflow(db, organizationId, id, change),
    ...listening.statements,
    auditStatement(context, { action: "workflow.paused", targetType: "workflow", targetId: id }),
  ]);
  await batch.catch((error: unknown) => {
    throw isArchivedMeanwhile(error) ? unless.refusal() : error;
  });
  await listening.tellObjects();
  return change;
};
