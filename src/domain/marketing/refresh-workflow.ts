// Workflows follow the triggers, actions and conditions that they have: after a change of one, those that have it are compiled anew. A mark that was
// written with the change (db stale-workflows) stays until then: the sweeper completes what was broken off. Repeating it is harmless. One that cannot
// follow goes on as it was, and a dead letter says why: a later change of its parts looks again, as does the letter's replay.

import { type Using, workflowsUsing } from "../../db/queries/marketing-joins.ts";
import {
  findMark,
  findStale,
  postponeStale,
  removeMark,
  type StaleWorkflow,
} from "../../db/queries/stale-workflows.ts";
import { findWorkflow } from "../../db/queries/workflows.ts";
import { mapConcurrently } from "../../lib/map-concurrently.ts";
import type { Context, Principal } from "../context.ts";
import { storeDeadLetters } from "../dead-letter/store.ts";
import { failureOf } from "../failure-of.ts";
import type { Ports } from "../ports.ts";
import { changing } from "../workflow/changing.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { readJoined } from "./joined.ts";
import { isStale, saveWorkflow } from "./save-workflow.ts";

/** PERSISTED CONTRACT: the queue that these dead letters name. */
export const REFRESHES = "workflows";

/**
 * Whoever may change a part changes what it does wherever it is: no permission on the workflow is asked. Answers why it could not follow, null when
 * it did; throws for what may go well the next time.
 */
export const refreshWorkflow = (context: Context, id: string): Promise<string | null> =>
  changing(async () => {
    const { principal, ports } = context;
    const { organizationId } = principal;
    const token = await findMark(ports.db, organizationId, id);
    const why = await refreshFromParts(context, id).catch(verdictOf);
    if (why !== null) await giveUp(ports, { organizationId, id }, why);
    if (token !== null) await removeMark(ports.db, { organizationId, id, token }).run();
    return why;
  });

const refreshFromParts = async (context: Context, id: string): Promise<null> => {
  const { principal, ports } = context;
  const found = await findWorkflow(ports.db, principal.organizationId, id, principal.userId);
  const workflow = found?.workflow as Workflow | undefined;
  // An archived one is compiled when it is reset.
  if (!workflow || workflow.status === "archived") return null;
  const joined = await readJoined(ports.db, principal.organizationId, id);
  if (isStale(workflow, joined)) await saveWorkflow(context, workflow, { joined, details: { fields: ["definition"] } });
  return null;
};

/** What it is made of now cannot run, or is too large; anything else is thrown on. */
const verdictOf = (error: unknown): string => {
  const failure = failureOf(error);
  if (!failure || failure.code === "unavailable" || failure.code === "conflict") throw error;
  return [failure.message, ...failure.problems.map(({ field, message }) => `${field}: ${message}`)].join("; ");
};

const giveUp = ({ db, now }: Ports, workflow: { organizationId: string; id: string }, why: string): Promise<void> =>
  storeDeadLetters(db, REFRESHES, [{ id: workflow.id, body: workflow, error: why, attempts: 1 }], now());

/** Workflows that are compiled at a time: somebody waits, and each takes some ten calls of the database. */
const TOGETHER = 6;

/** A workflow that goes on as it was. */
export type LeftBehind = { id: string; name: string; why: string };

export const refreshAll = async (context: Context, using: readonly Using[]): Promise<LeftBehind[]> => {
  const reasons = await mapConcurrently(using, TOGETHER, ({ id }) => refreshWorkflow(context, id));
  return using.flatMap(({ id, name }, index) => {
    const why = reasons[index]!;
    return why === null ? [] : [{ id, name, why }];
  });
};

/** After a change of the part. */
export const followChange = async (
  context: Context,
  kind: "trigger" | "action" | "condition",
  id: string,
): Promise<LeftBehind[]> =>
  refreshAll(context, await workflowsUsing(context.ports.db, context.principal.organizationId, kind, id));

/** Whoever changed the part is given so long to do it, in ms; what could not be reached is tried again as long after. */
const LEFT_BEHIND_MS = 30_000;
const AT_ONCE = 20;

/** Compiles what was left behind, the oldest first. Answers whether there may be more. Never throws for one that cannot be compiled. */
export const refreshLeftBehind = async (ports: Ports): Promise<boolean> => {
  const stale = await findStale(ports.db, ports.now() - LEFT_BEHIND_MS, AT_ONCE);
  for (const one of stale) {
    try {
      await refreshWorkflow({ ports, principal: principalOf(one), requestId: `stale:${one.token}` }, one.id);
    } catch (error) {
      console.error(JSON.stringify({ at: "marketing.refresh", workflow: one.id, message: String(error) }));
      if (failureOf(error)) await postponeStale(ports.db, one, ports.now()).run();
      else await buryFault(ports, one, error);
    }
  }
  return stale.length === AT_ONCE;
};

/** A fault of ours would be the same each time. */
const buryFault = async (ports: Ports, one: StaleWorkflow, error: unknown): Promise<void> => {
  await giveUp(ports, { organizationId: one.organizationId, id: one.id }, String(error));
  await removeMark(ports.db, one).run();
};

/** In the name of who changed the part: they were permitted to. */
const principalOf = ({ organizationId, changedBy }: StaleWorkflow): Principal => ({
  kind: "user",
  userId: changedBy,
  username: changedBy,
  organizationId,
  role: "editor",
});
