// Workflows follow the triggers, actions and conditions that they have: after a change of one, those that have it are compiled anew. A mark that was
// written with the change (db stale-workflows) stays until then: the sweeper completes what was broken off. Repeating it is harmless.

import { type Using, workflowsUsing } from "../../db/queries/marketing-joins.ts";
import {
  findMark,
  findStale,
  postponeStale,
  removeMark,
  type StaleWorkflow,
} from "../../db/queries/stale-workflows.ts";
import { findWorkflow } from "../../db/queries/workflows.ts";
import type { Context, Principal } from "../context.ts";
import type { Ports } from "../ports.ts";
import { changing } from "../workflow/changing.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { readJoined } from "./joined.ts";
import { isStale, saveWorkflow } from "./save-workflow.ts";

/** Whoever may change a part changes what it does wherever it is: no permission on the workflow is asked. */
const refreshWorkflow = (context: Context, id: string): Promise<void> =>
  changing(async () => {
    const { principal, ports } = context;
    const token = await findMark(ports.db, principal.organizationId, id);
    await refreshFromParts(context, id);
    if (token !== null) await removeMark(ports.db, { organizationId: principal.organizationId, id, token }).run();
  });

const refreshFromParts = async ({ principal, ports, ...rest }: Context, id: string): Promise<void> => {
  const context = { principal, ports, ...rest };
  const found = await findWorkflow(ports.db, principal.organizationId, id, principal.userId);
  const workflow = found?.workflow as unknown as Workflow | undefined;
  // An archived one is compiled when it is reset.
  if (!workflow || workflow.status === "archived") return;
  const joined = await readJoined(ports.db, principal.organizationId, id);
  if (isStale(workflow, joined)) await saveWorkflow(context, workflow, { joined, details: { fields: ["definition"] } });
};

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

/** Whoever changed the part is given so long to do it, in ms; what cannot be done is tried again as long after. */
const LEFT_BEHIND_MS = 30_000;
const AT_ONCE = 20;

/** Compiles what was left behind, the oldest first. Answers whether there may be more. Never throws for one that cannot be compiled. */
export const refreshLeftBehind = async (ports: Ports): Promise<boolean> => {
  const stale = await findStale(ports.db, ports.now() - LEFT_BEHIND_MS, AT_ONCE);
  for (const one of stale) {
    try {
      await refreshWorkflow({ ports, principal: principalOf(one), requestId: `stale:${one.token}` }, one.id);
    } catch (error) {
      await postponeStale(ports.db, one, ports.now()).run();
      console.error(JSON.stringify({ at: "marketing.refresh", workflow: one.id, message: String(error) }));
    }
  }
  return stale.length === AT_ONCE;
};

/** In the name of who changed the part: they were permitted to. */
const principalOf = ({ organizationId, changedBy }: StaleWorkflow): Principal => ({
  ...{ kind: "user", userId: changedBy, username: changedBy, organizationId, role: "editor" },
});
