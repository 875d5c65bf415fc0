// A run once more: from the start, or from a step, with what earlier steps put out. The run that ended stays as it is; the new one names it.
import { findContact } from "../../db/queries/contacts.ts";
import { findExecution } from "../../db/queries/executions.ts";
import { findVersion } from "../../db/queries/workflow-versions.ts";
import { isFinal, type RunEvent, type StartInput } from "../../engine/contract.ts";
import { seedAt, seedAtEnd } from "../../engine/seed.ts";
import type { Seed } from "../../engine/state.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { derivedId, newId } from "../../lib/ids.ts";
import { own } from "../../lib/json.ts";
import { contactView } from "../contact/view.ts";
import type { Context } from "../context.ts";
import { DomainError, invalid } from "../errors.ts";
import type { ExecutionView } from "../ports.ts";
import { runLimitsOf } from "../queue/limits.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import type { Definition } from "../workflow/definition.ts";
import type { StartedExecution } from "./execute-workflow.ts";
import { type KeptRun, readHistory } from "./read-history.ts";
import { fitFirstRow } from "./run-size.ts";
import { startRecorded } from "./start-recorded.ts";

export type RetryRequest = {
  /** From where: the step that failed (true), or the node with this id; absent or false: from the start. */
  fromStep?: boolean | string;
  /** 1 to 10; that of the run when absent. */
  priority?: number;
  /** The new run counts as if none had been retried before it. */
  resetRetries?: boolean;
  /** The version that the run was of, or the one that is published now. */
  version?: "original" | "current";
  idempotencyKey?: string;
};

/**
 * Throws `conflict` for a run that goes on, that completed, or of which too little is known any more; `execution_refused` for a workflow that is
 * paused or archived; `invalid_input` for a node that the run never came to; `queue_full`.
 */
export const retryExecution = async (
  context: Context,
  id: string,
  { fromStep = false, priority, resetRetries = false, version = "original", idempotencyKey }: RetryRequest,
): Promise<StartedExecution> => {
  const run = await readHistory(context, id, "execute");
  const { view, kept } = run;
  if (!isFinal(view.status) || view.status === "completed")
    throw refused(`The execution is ${view.status}; one that failed, timed out or was cancelled is retried`, view);
  const workflow = await openWorkflowHead(context, view.workflowId, "execute");
  if (workflow.status === "archived" || workflow.status === "paused")
    throw new DomainError("execution_refused", `The workflow is ${workflow.status}`, { subject: "workflow" });
  const start = kept?.history.journal[0]?.input;
  if (!kept || start?.type !== "start") throw refused("What the execution began with is not kept any more", view);

  const { executions, now } = context.ports;
  const { organizationId, workflowId } = view;
  const at = now();
  const { executionId, isKnown } = await idOfRetry(context, id, idempotencyKey, at);
  const begun = isKnown && (await executions.read(organizationId, executionId));
  if (begun) return { executionId, workflowId, startedAt: begun.startedAt, status: begun.status };

  const seed = fromStep === false ? undefined : seedOf(run, kept, fromStep);
  if (seed && !fitFirstRow([start.event, start.variables, start.metadata, seed]))
    throw refused("The execution has recorded too much to go on from a step; retry it from the start", view);
  const versionId = version === "original" ? view.versionId : await currentVersion(context, run, workflow, seed);
  const limits = runLimitsOf(workflow.maxConcurrency, workflow.queue ?? null);
  const contact = await contactNow(context, start.event);
  const { contact: _, ...event } = start.event;
  return startRecorded(
    context,
    {
      executionId,
      organizationId,
      workflowId,
      versionId,
      startNodes: start.startNodes,
      event: { ...event, ...(contact && { contact }) },
      variables: start.variables,
      metadata: start.metadata,
      username: context.principal.username,
      dryRun: start.dryRun,
      ...(start.leaps && { leaps: start.leaps }),
      eventDepth: kept.history.eventDepth,
      ...(kept.history.lent && { lent: kept.history.lent }),
      priority: priority ?? kept.history.priority,
      retry: { of: id, times: resetRetries ? 0 : (view.retry?.times ?? 0) + 1 },
      ...(limits && !start.dryRun && { limits }),
      ...(seed && { seed: { ...seed, contact: contact ?? null } }),
    },
    {
      action: "execution.retried",
      targetType: "execution",
      targetId: id,
      details: { executionId, fromStep, version },
    },
  );
};

/** With a key it follows from that and the day; yesterday's counts as well, so that a key is known for a day at least. */
const idOfRetry = async (
  { ports, principal }: Context,
  id: string,
  key: string | undefined,
  at: number,
): Promise<{ executionId: string; isKnown: boolean }> => {
  if (key === undefined) return { executionId: newId(at), isKnown: false };
  const { organizationId } = principal;
  const today = Math.floor(at / DAY_MS) * DAY_MS;
  const idOn = (day: number) => derivedId(day, "retry", organizationId, id, key);
  for (const day of [today, today - DAY_MS]) {
    const executionId = await idOn(day);
    if (await findExecution(ports.db, organizationId, executionId)) return { executionId, isKnown: true };
  }
  return { executionId: await idOn(today), isKnown: false };
};

const refused = (message: string, { executionId, status }: ExecutionView): DomainError =>
  new DomainError("conflict", message, { subject: "execution", details: { executionId, status } });

/** Undefined for a run that never began: then there is nothing to take over. */
const seedOf = ({ view }: KeptRun, { program, history }: NonNullable<KeptRun["kept"]>, from: true | string) => {
  const journal = history.journal.map(({ input }) => input);
  const isEnd = from === true || from === view.error?.nodeId;
  const seed = isEnd ? seedAtEnd(program, journal) : seedAt(program, journal, from);
  if (!seed && !isEnd) throw invalid("fromStep", "The execution never reached this node.");
  return seed;
};

/** Throws `conflict` where there is none, or where it lacks a node at which the run would go on. */
const currentVersion = async (
  { ports, principal }: Context,
  { view, version }: KeptRun,
  { publishedVersionId }: { publishedVersionId: string | null },
  seed: Seed | undefined,
): Promise<string> => {
  if (publishedVersionId === null) throw refused("No version of the workflow is published", view);
  if (!seed || publishedVersionId === view.versionId) return publishedVersionId;
  const row = await findVersion(ports.db, principal.organizationId, publishedVersionId);
  const { nodes } = row!.definition as Definition;
  const missing = seed.tokens.find(({ node }) => nodes[node]?.type !== version?.definition.nodes[node]?.type);
  if (missing) throw refused(`The published version has no such node ${missing.node}`, view);
  return publishedVersionId;
};

/** Whom the run is about, as they are now; undefined for a run about nobody, and for somebody who is gone. */
const contactNow = async ({ ports, principal }: Context, event: RunEvent): Promise<StartInput["event"]["contact"]> => {
  const id = own(event.contact, "id");
  const row = typeof id === "string" ? await findContact(ports.db, principal.organizationId, id) : undefined;
  return row && contactView(row);
};
