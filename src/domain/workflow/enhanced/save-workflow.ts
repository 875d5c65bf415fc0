// An enhanced workflow with what its author wants it to be now: compiled anew, and when it is active, its next version at once; running ones keep
// theirs.
import { updateWorkflow, type WorkflowRow } from "../../../db/queries/workflows.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { auditStatement } from "../../audit/record.ts";
import type { Context } from "../../context.ts";
import { inputsOf } from "../../variable/declared.ts";
import { batchUnless, changeTime, unlessChanged } from "../changing.ts";
import { sameDefinition } from "../definition.ts";
import { stopListening } from "../listening.ts";
import { publishOpened } from "../publish-workflow.ts";
import type { Workflow, WorkflowStatus } from "../workflow.ts";
import { checkNamedWorkflows, checkWire, requireRunnable } from "./check-wire.ts";
import { type Judged, judgeWorkflow } from "./compile-workflow.ts";
import { type EnhancedWire, storedWire, wireOf } from "./workflow-data.ts";

export type Saving = {
  /** The whole of it; absent: as it is. */
  wire?: EnhancedWire;
  change?: Partial<Pick<WorkflowRow, "name" | "description" | "tags" | "category">>;
  /** Absent: as it is. */
  status?: WorkflowStatus;
  /** Of the same batch. */
  statements?: D1PreparedStatement[];
  /** Fields or parts that change, for the audit; absent: none does. */
  details?: JsonObject;
};

const ACTIONS: Record<Exclude<WorkflowStatus, "active">, string> = {
  draft: "workflow.reset",
  paused: "workflow.paused",
  archived: "workflow.archived",
};

/**
 * Of a workflow that the caller may edit and that this API made; inside `changing`. Throws `invalid_definition` for an active one that could not run;
 * nothing is written then. Saving what is there already writes nothing, and tells an active one's objects again.
 */
export const saveEnhanced = async (
  context: Context,
  workflow: Workflow,
  { wire = wireOf(workflow), change = {}, status = workflow.status, statements = [], details }: Saving,
): Promise<{ workflow: Workflow } & Judged> => {
  const { db } = context.ports;
  const judged = judgeWorkflow(wire, context.ports);
  const { definition } = judged;
  checkWire(wire, judged);
  await checkNamedWorkflows(context, wire, wireOf(workflow));
  const updatedAt = changeTime(context, workflow);
  const changed: Workflow = { ...workflow, ...change, definition, wire: storedWire(wire), updatedAt };
  const row = {
    ...change,
    definition: definition,
    wire: changed.wire,
    inputs: inputsOf(wire.variables ?? []),
    updatedAt,
  };
  const isSame =
    details === undefined &&
    statements.length === 0 &&
    status === workflow.status &&
    sameDefinition(definition, workflow.definition);
  if (isSame && status !== "active") return { workflow, ...judged };
  const unless = unlessChanged(context, workflow);
  const target = { targetType: "workflow", targetId: workflow.id };
  const edited = details ? [auditStatement(context, { action: "workflow.updated", ...target, details })] : [];
  if (status === "active") {
    const { workflow: published } = await publishOpened(context, isSame ? workflow : changed, requireRunnable(judged), {
      unless,
      ...(!isSame && { change: { ...row, archivedAt: null } }),
      statements: [...statements, ...edited],
    });
    return { workflow: { ...published, archivedAt: null }, ...judged };
  }
  const isMoved = status !== workflow.status;
  const listening = isMoved ? await stopListening(context.ports, workflow) : undefined;
  const archivedAt = status !== "archived" ? null : isMoved ? updatedAt : workflow.archivedAt;
  await batchUnless(context, unless, [
    updateWorkflow(db, workflow.organizationId, workflow.id, { ...row, status, archivedAt }),
    ...(listening?.statements ?? []),
    ...statements,
    ...edited,
    ...(isMoved ? [auditStatement(context, { action: ACTIONS[status], ...target })] : []),
  ]);
  await listening?.tellObjects();
  return { workflow: { ...changed, status, archivedAt }, ...judged };
};
