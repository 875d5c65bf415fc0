// A marketing workflow with what it is made of now: what it runs as is compiled anew, and an active one goes on with its next version at once.
import { updateWorkflow, type WorkflowRow } from "../../db/queries/workflows.ts";
import type { JsonObject } from "../../lib/json.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { batchUnless, changeTime, unlessChanged } from "../workflow/changing.ts";
import { checkSize, type Definition, programOf, sameDefinition } from "../workflow/definition.ts";
import { publishOpened } from "../workflow/publish-workflow.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { compileWorkflow } from "./compile-workflow.ts";
import type { Joined } from "./joined.ts";
import { marketingWireOf } from "./wire.ts";

type Saving = {
  /** What it is made of from now on. */
  joined: Joined;
  change?: Partial<Pick<WorkflowRow, "name" | "description" | "wire">>;
  /** Of the same batch. */
  statements?: D1PreparedStatement[];
  /** Fields or parts, for the audit. */
  details?: JsonObject;
  /** It becomes active, whatever it was. */
  activates?: boolean;
};

/** Inside `changing`. Throws `invalid_definition` for an active one that could not run. */
export const saveWorkflow = async (context: Context, workflow: Workflow, saving: Saving): Promise<Workflow> => {
  const { joined, statements = [], details = {}, activates = false } = saving;
  const updatedAt = changeTime(context, workflow);
  const changed: Workflow = { ...workflow, ...saving.change, updatedAt };
  const definition = compileWorkflow(marketingWireOf(changed), joined);
  checkSize(definition);
  const row = { ...saving.change, definition: definition, updatedAt };
  const unless = unlessChanged(context, workflow);
  if (activates || workflow.status === "active") {
    const program = programOf(definition, "invalid_definition", context.ports.egress);
    const { workflow: published } = await publishOpened(context, { ...changed, definition }, program, {
      unless,
      change: row,
      statements,
    });
    return published;
  }
  const { db } = context.ports;
  await batchUnless(context, unless, [
    updateWorkflow(db, workflow.organizationId, workflow.id, row),
    ...statements,
    auditStatement(context, { action: "workflow.updated", targetType: "workflow", targetId: workflow.id, details }),
  ]);
  return { ...changed, definition };
};

/** What it runs as is no longer what it is made of. */
export const isStale = (workflow: Workflow, joined: Joined): boolean =>
  !sameDefinition(compileWorkflow(marketingWireOf(workflow), joined), workflow.definition as Definition);
