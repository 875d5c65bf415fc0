// A variable is taken away: runs that start from now on do without it, and what a secret was is gone at once.
import { deleteGlobal, deleteSecret, findGlobal, touchGlobals } from "../../db/queries/variables.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { openWorkflow, requireAuthoring, requireNotArchived } from "../workflow/access.ts";
import { changing } from "../workflow/changing.ts";
import { saveEnhanced } from "../workflow/enhanced/save-workflow.ts";
import { wireOf } from "../workflow/enhanced/workflow-data.ts";
import { changingGlobals } from "./changing-globals.ts";
import type { Variable } from "./variable.ts";
import { globalVariableOf, variableOf } from "./view.ts";

/** `isGlobal`: of the organisation; else the workflow's own. Throws `not_found`. */
export const deleteVariable = (
  context: Context,
  workflowId: string,
  { name, isGlobal }: { name: string; isGlobal: boolean },
): Promise<Variable> => (isGlobal ? deleteOfAll(context, workflowId, name) : deleteOwn(context, workflowId, name));

const deleteOwn = (context: Context, workflowId: string, name: string): Promise<Variable> =>
  changing(async () => {
    const workflow = await openWorkflow(context, workflowId, "edit");
    requireAuthoring(workflow, "enhanced");
    requireNotArchived(workflow);
    const wire = wireOf(workflow);
    const row = wire.variables?.find((one) => one.name === name);
    if (!row) throw notFound("variable");
    const { db } = context.ports;
    await saveEnhanced(context, workflow, {
      wire: { ...wire, variables: wire.variables!.filter((one) => one !== row) },
      statements: row.secretId === undefined ? [] : [deleteSecret(db, workflow.organizationId, row.secretId)],
      details: { fields: ["variables"], removed: name },
    });
    return variableOf(row);
  });

const deleteOfAll = async (context: Context, workflowId: string, name: string): Promise<Variable> => {
  const { ports, principal } = context;
  await openWorkflow(context, workflowId, "view");
  authorizeRole(principal, "editor", "write");
  const { organizationId } = principal;
  return changingGlobals(context, async (write) => {
    const row = await findGlobal(ports.db, organizationId, name);
    if (!row) throw notFound("variable");
    await write([
      deleteGlobal(ports.db, organizationId, name),
      ...(row.secretId === null ? [] : [deleteSecret(ports.db, organizationId, row.secretId)]),
      touchGlobals(ports.db, organizationId, ports.now()),
      auditStatement(context, { action: "variable.deleted", targetType: "variable", targetId: name }),
    ]);
    return globalVariableOf(row);
  });
};
