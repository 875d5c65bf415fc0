// Workflows follow the triggers, actions and conditions that they have: after a change of one, those that have it are compiled anew. Repeating it is
// harmless, and completes what was broken off.

import { type Using, workflowsUsing } from "../../db/queries/marketing-joins.ts";
import { findWorkflow } from "../../db/queries/workflows.ts";
import type { Context } from "../context.ts";
import { changing } from "../workflow/changing.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { readJoined } from "./joined.ts";
import { isStale, saveWorkflow } from "./save-workflow.ts";

/** Whoever may change a part changes what it does wherever it is: no permission on the workflow is asked. */
const refreshWorkflow = (context: Context, id: string): Promise<void> =>
  changing(async () => {
    const { principal, ports } = context;
    const found = await findWorkflow(ports.db, principal.organizationId, id, principal.userId);
    const workflow = found?.workflow as unknown as Workflow | undefined;
    // An archived one is compiled when it is reset.
    if (!workflow || workflow.status === "archived") return;
    const joined = await readJoined(ports.db, principal.organizationId, id);
    if (isStale(workflow, joined))
      await saveWorkflow(context, workflow, { joined, details: { fields: ["definition"] } });
  });

export const refreshAll = async (context: Context, using: readonly Using[]): Promise<void> => {
  for (const { id } of using) await refreshWorkflow(context, id);
};

/** After a change of the part. */
export const followChange = async (
  context: Context,
  kind: "trigger" | "action" | "condition",
  id: string,
): Promise<void> =>
  refreshAll(context, await workflowsUsing(context.ports.db, context.principal.organizationId, kind, id));
