// Changes to a workflow through this API: all of one that was made here; of others what is no part of their graph.
import { updateWorkflow } from "../../../db/queries/workflows.ts";
import { defined } from "../../../lib/defined.ts";
import { auditStatement } from "../../audit/record.ts";
import type { Context } from "../../context.ts";
import { DomainError } from "../../errors.ts";
import { isArchived, openWorkflow, requireAuthoring } from "../access.ts";
import { archiveWorkflow } from "../archive-workflow.ts";
import { batchUnless, changeTime, changing, unlessChanged } from "../changing.ts";
import { pauseOpened } from "../pause-workflow.ts";
import { resumeOpened } from "../resume-workflow.ts";
import type { Workflow, WorkflowStatus } from "../workflow.ts";
import type { Judged } from "./compile-workflow.ts";
import { judgeStored } from "./judge-stored.ts";
import { type Migration, migrationWarnings } from "./migration-warnings.ts";
import { recordOf, type WorkflowRecord } from "./record.ts";
import { saveEnhanced } from "./save-workflow.ts";
import { type EnhancedWire, wireOf } from "./workflow-data.ts";

/** A field that is absent keeps its value. */
export type EnhancedChange = Partial<
  Pick<EnhancedWire, "workflowData" | "triggerType" | "triggerConfig" | "settings">
> & {
  name?: string;
  description?: string;
  category?: string | null;
  tags?: string[];
  status?: WorkflowStatus;
};

export type UpdatedWorkflow = { workflow: WorkflowRecord; migrationWarnings: string[] } & Judged;

/**
 * What is said comes true in one batch, or nothing does. Throws `invalid_definition` for an active one that could not run, `impossible` for an
 * archived one that stays so, `conflict` for the graph of another API's.
 */
export const updateEnhancedWorkflow = async (
  context: Context,
  id: string,
  change: EnhancedChange,
): Promise<UpdatedWorkflow> => {
  // Its end takes the permission to delete it, beside that to edit it.
  if (change.status === "archived") await openWorkflow(context, id, "delete");
  const { before, after, judged } = await changing(async () => {
    const before = await openWorkflow(context, id, "edit");
    const changed =
      before.authoring === "enhanced"
        ? await changeOwn(context, before, change)
        : await changeOther(context, before, change);
    return { before, after: changed.workflow, judged: changed.judged };
  });
  const workflow = await recordOf(context.ports.db, after);
  const migration: Migration = { before, after, inFlight: workflow.inFlight };
  return { workflow, ...judged, migrationWarnings: await migrationWarnings(context.ports.db, migration) };
};

type Changed = { workflow: Workflow; judged: Judged };

const changeOwn = async (context: Context, workflow: Workflow, change: EnhancedChange): Promise<Changed> => {
  const { status = workflow.status, workflowData, triggerType, triggerConfig, settings, ...words } = change;
  if (workflow.status === "archived" && status === "archived") throw isArchived();
  if (workflow.status === "draft" && status === "paused")
    throw new DomainError("impossible", "A draft can't be paused: it was never activated", { subject: "workflow" });
  const { status: _, ...fields } = change;
  const wire = {
    ...wireOf(workflow),
    ...defined({ workflowData, triggerType, triggerConfig, settings }),
  };
  const names = Object.keys(fields);
  const { workflow: saved, ...judged } = await saveEnhanced(context, workflow, {
    wire,
    change: words,
    status,
    ...(names.length > 0 && { details: { fields: names } }),
  });
  return { workflow: saved, judged };
};

/** Tags and the category are this API's own; the rest is its author's. */
const changeOther = async (
  context: Context,
  workflow: Workflow,
  { status = workflow.status, tags, category, ...graph }: EnhancedChange,
): Promise<Changed> => {
  if (Object.keys(graph).length > 0) requireAuthoring(workflow, "enhanced");
  const labels = { ...(tags !== undefined && { tags }), ...(category !== undefined && { category }) };
  let changed = workflow;
  if (Object.keys(labels).length > 0) {
    if (workflow.status === "archived") throw isArchived();
    const updatedAt = changeTime(context, workflow);
    const target = { targetType: "workflow", targetId: workflow.id, details: { fields: Object.keys(labels) } };
    await batchUnless(context, unlessChanged(context, workflow), [
      updateWorkflow(context.ports.db, workflow.organizationId, workflow.id, { ...labels, updatedAt }),
      auditStatement(context, { action: "workflow.updated", ...target }),
    ]);
    changed = { ...workflow, ...labels, updatedAt };
  }
  const moved = status === changed.status ? changed : await moveOther(context, changed, status);
  return { workflow: moved, judged: judgeStored(moved, context.ports) };
};

const moveOther = async (context: Context, workflow: Workflow, status: WorkflowStatus): Promise<Workflow> => {
  if (workflow.status === "archived") throw isArchived();
  if (status === "archived") return { ...workflow, ...(await archiveWorkflow(context, workflow.id)) };
  if (status === "active" && workflow.status === "paused") return resumeOpened(context, workflow);
  if (status === "paused" && workflow.status === "active") {
    const at = changeTime(context, workflow);
    return { ...workflow, ...(await pauseOpened(context, workflow, at, unlessChanged(context, workflow))) };
  }
  if (status === "paused")
    throw new DomainError("impossible", "A draft can't be paused: it was never activated", { subject: "workflow" });
  // Published, or made a draft again, where it was made.
  requireAuthoring(workflow, "enhanced");
  return workflow;
};
