// Marketing's view of workflows: whichever API made them, with what they have and how often they ran.
import { type ExecutionRow, listExecutions } from "../../db/queries/executions.ts";
import { countsOf } from "../../db/queries/marketing-joins.ts";
import type { Context } from "../context.ts";
import type { Verb } from "../permission.ts";
import { openWorkflow, openWorkflowHead } from "../workflow/access.ts";
import { listWorkflows as listAny, type WorkflowListFilter } from "../workflow/list-workflows.ts";
import type { Workflow, WorkflowSummary } from "../workflow/workflow.ts";
import { type Joined, readJoined } from "./joined.ts";

export type Counts = { actions: number; triggers: number; executions: number };

const NONE: Counts = { actions: 0, triggers: 0, executions: 0 };

const counted = async <W extends WorkflowSummary>({ ports, principal }: Context, workflows: W[]) => {
  const ids = workflows.map(({ id }) => id);
  const counts = ids.length > 0 ? await countsOf(ports.db, principal.organizationId, ids) : new Map();
  return workflows.map((workflow) => ({ workflow, counts: (counts.get(workflow.id) as Counts) ?? NONE }));
};

/** Newest first. */
export const listWorkflows = async (
  context: Context,
  filter: WorkflowListFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: { workflow: WorkflowSummary; counts: Counts }[]; total: number }> => {
  const { rows, total } = await listAny(context, filter, page);
  return { rows: await counted(context, rows), total };
};

/** Executions that the detail shows. */
const RECENT = 10;

export type WorkflowDetail = { workflow: Workflow; counts: Counts; joined: Joined; recent: ExecutionRow[] };

/**
 * Of another API's there is nothing joined: its graph is its own. `verb`: what the caller came for. Whoever has just changed it is shown what
 * became of it, also with a key that may not read: what is done must not be answered with a refusal.
 */
export const readWorkflow = async (
  context: Context,
  id: string,
  verb: Extract<Verb, "view" | "edit"> = "view",
): Promise<WorkflowDetail> => {
  const workflow = await openWorkflow(context, id, verb);
  const { db } = context.ports;
  const latest = { workflowId: id, sortBy: "startedAt", order: "desc" } as const;
  const [[head], joined, { rows: recent }] = await Promise.all([
    counted(context, [workflow]),
    readJoined(db, workflow.organizationId, id),
    listExecutions(db, workflow.organizationId, latest, { limit: RECENT, offset: 0 }),
  ]);
  return { workflow, counts: head!.counts, joined, recent };
};

export const readParts = async (context: Context, id: string): Promise<Joined> => {
  const { organizationId } = await openWorkflowHead(context, id, "view");
  return readJoined(context.ports.db, organizationId, id);
};
