// A run that somebody starts by hand: in the event log and the index first, then in its object.
import { failUnstarted, findEventTime, findExecution, insertStartByHand } from "../../db/queries/executions.ts";
import type { RunEvent } from "../../engine/contract.ts";
import { derivedId, newId } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import type { Outcome } from "../event/plan.ts";
import { openWorkflow, openWorkflowHead } from "../workflow/access.ts";
import { programOf } from "../workflow/definition.ts";
import { versionOf } from "../workflow/publish-workflow.ts";
import type { WorkflowSummary } from "../workflow/workflow.ts";
import { executionIdOf } from "./execution-id.ts";
import { checkRunSize } from "./run-size.ts";

export type ExecuteRequest = {
  variables: JsonObject;
  metadata: JsonObject;
  /** The same key starts the same run, for at least a day. */
  idempotencyKey?: string;
  /** 1 to 10, 10 first. */
  priority?: number;
};

export type StartedExecution = {
  executionId: string;
  workflowId: string;
  /** Epoch ms. */
  startedAt: number;
};

const DAY_MS = 86_400_000;
/** A start whose end was lost is looked after by the sweeper so much later, in ms. */
const START_GRACE_MS = 20_000;

/**
 * Runs the published version; a workflow that was never published runs its draft, pinned as a version. Throws `execution_refused` for an
 * archived or paused workflow and for a draft with errors, `unavailable` when the run's object cannot be reached.
 */
export const executeWorkflow = async (
  context: Context,
  workflowId: string,
  request: ExecuteRequest,
): Promise<StartedExecution> => {
  const workflow = await openWorkflowHead(context, workflowId, "execute");
  checkRunSize(request);
  if (workflow.status === "archived" || workflow.status === "paused") {
    throw new DomainError("execution_refused", `The workflow is ${workflow.status}`, { subject: "workflow" });
  }
  const { db, now } = context.ports;
  const { organizationId } = workflow;
  const at = now();
  const ids = await eventIdsOf(context, workflowId, request.idempotencyKey, at);
  const repeated = request.idempotencyKey === undefined ? null : await findEventTime(db, organizationId, ids);
  if (repeated) return start(context, workflow, request, repeated, await versionOfRun(context, repeated, workflowId));

  const version = await pinnedVersion(context, workflow, at);
  const event = { id: ids[0]!, type: "MANUAL_TRIGGER", source: "api", data: request.variables, occurredAt: at };
  const executionId = await executionIdOf(event, workflowId);
  const outcome: Outcome = { started: [{ workflowId, executionId, nodeIds: [] }], delivered: [], missed: [] };
  await db.batch([
    ...version.statements,
    ...insertStartByHand(
      db,
      {
        organizationId,
        executionId,
        workflowId,
        versionId: version.id,
        event,
        outcome: outcome as unknown as JsonObject,
        nextWakeAt: at + START_GRACE_MS,
      },
      ids[1] ?? null,
    ),
    auditStatement(context, {
      action: "workflow.executed",
      targetType: "workflow",
      targetId: workflowId,
      details: { eventId: event.id },
    }),
  ]);
  // With a key, another request may have been first between the look and the batch.
  const first = request.idempotencyKey === undefined ? event : await findEventTime(db, organizationId, ids);
  const versionId = first && first !== event ? await versionOfRun(context, first, workflowId) : version.id;
  return start(context, workflow, request, first ?? event, versionId);
};

/** The version that the run of an earlier event is pinned to. */
const versionOfRun = async (
  { ports, principal }: Context,
  event: { id: string; occurredAt: number },
  workflowId: string,
): Promise<string> => {
  const row = await findExecution(ports.db, principal.organizationId, await executionIdOf(event, workflowId));
  if (row) return row.versionId;
  throw new DomainError("conflict", "The run of this idempotency key is gone", { subject: "execution" });
};

/**
 * Ids of the event that this request is, today's first. With a key they follow from it and the day; yesterday's counts as well, so that a
 * key is known for a day at least.
 */
const eventIdsOf = async (
  context: Context,
  workflowId: string,
  key: string | undefined,
  at: number,
): Promise<string[]> => {
  if (key === undefined) return [newId(at)];
  const today = Math.floor(at / DAY_MS) * DAY_MS;
  const idOn = (day: number) => derivedId(day, "idempotency", context.principal.organizationId, workflowId, key);
  return Promise.all([idOn(today), idOn(today - DAY_MS)]);
};

const pinnedVersion = async (
  context: Context,
  head: WorkflowSummary,
  at: number,
): Promise<{ id: string; statements: D1PreparedStatement[] }> => {
  if (head.status === "active" && head.publishedVersionId !== null)
    return { id: head.publishedVersionId, statements: [] };
  const workflow = await openWorkflow(context, head.id, "execute");
  programOf(workflow.definition, "execution_refused");
  return versionOf(context, workflow, at);
};

/** Starting is idempotent by the run's id, so a repeated request starts what an earlier one left unstarted. */
const start = async (
  context: Context,
  workflow: WorkflowSummary,
  { variables, metadata, priority }: ExecuteRequest,
  { id, occurredAt }: { id: string; occurredAt: number },
  versionId: string,
): Promise<StartedExecution> => {
  const { db, executions, now } = context.ports;
  const { organizationId, id: workflowId } = workflow;
  const executionId = await executionIdOf({ id, occurredAt }, workflowId);
  const event: RunEvent = { id, type: "MANUAL_TRIGGER", source: "api", data: variables, occurredAt };
  try {
    const { startedAt } = await executions.start({
      executionId,
      organizationId,
      workflowId,
      versionId,
      startNodes: [],
      event,
      variables,
      metadata,
      username: context.principal.username,
      dryRun: false,
      eventDepth: 0,
      ...(priority === undefined ? {} : { priority }),
    });
    return { executionId, workflowId, startedAt };
  } catch (error) {
    console.error(JSON.stringify({ at: "execution.start", execution: executionId, message: String(error) }));
    await failUnstarted(db, organizationId, executionId, "The run could not be started", now()).run();
    throw new DomainError("unavailable", "The run could not be started; try again", {
      subject: "execution",
      retryAfterSeconds: 1,
    });
  }
};
