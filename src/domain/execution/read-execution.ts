// One run: from its object, which is the truth; from the index once the object is gone; and with some patience while an accepted event is on its way.
import { type ExecutionRow, type ExecutionStepRow, findExecution, listSteps } from "../../db/queries/executions.ts";
import { timeOfId } from "../../lib/ids.ts";
import { pause } from "../../lib/pause.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import type { Verb } from "../permission.ts";
import type { ExecutionView } from "../ports.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import { redactView } from "./redact.ts";

/** A webhook's event is accepted before its run exists. So long after acceptance the id is looked for again, in ms. */
const QUEUE_PATIENCE_MS = 30_000;
/** Before each further look, in ms: five seconds in all. */
const PAUSES = [250, 250, 250, 250, 500, 500, 1_000, 1_000, 1_000];

/** Throws `not_found` for another organisation's as for a missing one, `forbidden` without the permission on its workflow. */
export const readExecution = async (context: Context, id: string, verb: Verb = "view"): Promise<ExecutionView> => {
  const view = await find(context, id);
  if (!view) throw notFound("execution");
  await openWorkflowHead(context, view.workflowId, verb);
  return redactView(view);
};

const find = async ({ ports, principal }: Context, id: string): Promise<ExecutionView | null> => {
  const { organizationId } = principal;
  const madeAt = timeOfId(id);
  // Any other id is none of ours; asking would make an object for it.
  if (madeAt === undefined) return null;
  for (const pauses = [...PAUSES]; ; ) {
    const pauseMs = pauses.shift();
    const view = (await ports.executions.read(organizationId, id)) ?? (await fromIndex(ports.db, organizationId, id));
    const mayCome = Math.abs(ports.now() - madeAt) < QUEUE_PATIENCE_MS;
    if (view || !mayCome || pauseMs === undefined) return view;
    await pause(pauseMs);
  }
};

const fromIndex = async (db: D1Database, organizationId: string, id: string): Promise<ExecutionView | null> => {
  const row = await findExecution(db, organizationId, id);
  return row ? viewOfRow(row, await listSteps(db, organizationId, id)) : null;
};

/** What the index keeps: no inputs, outputs, logs or variables. */
const viewOfRow = (row: ExecutionRow, steps: ExecutionStepRow[]): ExecutionView => {
  const startedAt = row.startedAt ?? row.createdAt;
  return {
    executionId: row.id,
    organizationId: row.organizationId,
    workflowId: row.workflowId,
    versionId: row.versionId,
    status: row.status,
    dryRun: row.dryRun,
    startedAt,
    endedAt: row.endedAt,
    path: steps.map((step) => step.nodeId),
    visits: steps.map((step) => ({
      n: step.n,
      nodeId: step.nodeId,
      nodeType: step.nodeType,
      visit: step.visit,
      status: step.status as ExecutionView["visits"][number]["status"],
      startedAt: step.startedAt,
      completedAt: step.endedAt,
      input: null,
      output: null,
      logs: [],
      error: step.error === null ? null : { code: "FAILED", message: step.error },
      attempts: step.attempts,
      port: null,
    })),
    variables: {},
    output: null,
    error: row.error === null ? null : { code: "FAILED", message: row.error, nodeId: row.errorNodeId },
    metrics: {
      commits: row.seq,
      steps: row.nodesExecuted,
      attempts: steps.reduce((sum, step) => sum + step.attempts, 0),
      totalMs: row.durationMs ?? Math.max(0, (row.endedAt ?? row.updatedAt) - startedAt),
      effectMs: 0,
      waitMs: 0,
    },
    stuck: null,
  };
};
