// A run that another run starts. Its id follows from the step, so that a repeated attempt starts nothing twice.
import { contactOf, selectContact } from "../../db/queries/contacts.ts";
import { findExecution } from "../../db/queries/executions.ts";
import { insertStarted } from "../../db/queries/projections.ts";
import { type Subworkflow, selectSubworkflow } from "../../db/queries/workflows.ts";
import type { DefinitionSettings } from "../../engine/contract.ts";
import { derivedId } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import { type Attempted, type ChildRun, STEP_OVER, type StepRef } from "../action-ports.ts";
import { contactView } from "../contact/view.ts";
import { isWatched } from "../feed/watched.ts";
import { type Grant, may } from "../permission.ts";
import type { Ports } from "../ports.ts";
import { runLimitsOf } from "../queue/limits.ts";
import { globalsAtOf } from "../variable/globals.ts";
import { secretIdsIn } from "../variable/secret-name.ts";
import { lentBy } from "../variable/secret-values.ts";
import { boundsRefusal } from "./start-bounds.ts";

type ChildRequest = { workflowId: string; variables: JsonObject; wait: boolean; contactId?: string };

/** A child that has told the index nothing so long after its start is looked after by the sweeper. */
const FIRST_WAKE_MS = 20_000;

/**
 * Runs that the runs of one organisation may start in a window, when they were themselves started by a run or by what a run did. A depth of
 * ten alone bounds nothing: six children each are sixty million runs. What somebody starts from outside, and its own children, is not counted.
 */
export const MAX_GRANDCHILDREN = { max: 1_000, windowMs: 60_000 };
/** Events and runs between what came from outside and such a run. */
export const GRANDCHILDREN_DEPTH = 2;
/** PERSISTED CONTRACT: names a limiter. */
export const grandchildrenKey = (organizationId: string): string => `grandchildren:${organizationId}`;

/** PERSISTED CONTRACT. */
const childIdOf = ({ key, startedAt }: Pick<StepRef, "key" | "startedAt">): Promise<string> =>
  derivedId(startedAt, "child", key);

/** Ends the run that a step waited for and waits for no more. Without effect on one that has ended, or was never started. */
export const cancelChild = async (
  { executions }: Pick<Ports, "executions">,
  step: Pick<StepRef, "organizationId" | "key" | "startedAt">,
): Promise<void> => {
  await executions.cancel(step.organizationId, await childIdOf(step), "The run that waited for it goes on without it");
};

/**
 * One read, two calls to the child's object, and one row; below the first generation also a call to the organisation's limiter, and one to the
 * contact's counter when the workflow is bounded. The child is about whom its parent is about.
 */
export const startChild = async (
  { db, executions, limiter, contacts, now }: Pick<Ports, "db" | "executions" | "limiter" | "contacts" | "now">,
  step: StepRef,
  { workflowId, variables, wait, contactId }: ChildRequest,
): Promise<Attempted<ChildRun>> => {
  const { organizationId } = step;
  const executionId = await childIdOf(step);
  if (step.eventDepth + 1 >= GRANDCHILDREN_DEPTH) {
    const { max, windowMs } = MAX_GRANDCHILDREN;
    const { allowed, retryAfterMs } = await limiter.take(grandchildrenKey(organizationId), max, windowMs);
    // What an earlier attempt has started is there already.
    if (!allowed && !(await findExecution(db, organizationId, executionId))) return tooMany(retryAfterMs);
  }
  const wanted = { organizationId, workflowId, byVersionId: step.versionId };
  const [targets, found] = await db.batch([
    selectSubworkflow(db, wanted),
    ...(contactId === undefined ? [] : [selectContact(db, organizationId, contactId)]),
  ]);
  const target = targets!.results[0] as Subworkflow | undefined;
  const contact = found?.results.map(contactOf).map(contactView)[0];
  if (!target) return refused("NOT_FOUND", `There is no workflow ${workflowId}`);
  if (target.status !== "active" || target.versionId === null)
    return refused("NOT_ACTIVE", `The workflow ${workflowId} is ${target.status}`);
  if (workflowId !== step.workflowId && !mayStart(target))
    return refused("FORBIDDEN", `Who made this version may not execute the workflow ${workflowId}`);
  const limits = runLimitsOf(target.maxConcurrency, target.queue);
  const bounded = { organizationId, workflowId, executionId, contactId: contact ? contactId! : null };
  const reason = await boundsRefusal({ contacts, now }, settingsOf(target), bounded);
  // What an earlier attempt has started is there, whatever the date is now.
  if (reason !== undefined && !(await findExecution(db, organizationId, executionId)))
    return refused("NOT_ALLOWED", reason);
  const at = now();
  const eventId = await derivedId(step.startedAt, "child event", step.key);
  // Its row in the index comes first: a short child may be over, and its parent gone on, before anything else could be written.
  await insertStarted(db, [
    {
      organizationId,
      id: executionId,
      workflowId,
      versionId: target.versionId,
      eventId,
      triggerType: "MANUAL_TRIGGER",
      startedAt: at,
      createdAt: step.startedAt,
      nextWakeAt: at + FIRST_WAKE_MS,
    },
  ]).run();
  const handed = secretIdsIn(variables);
  await executions.start({
    executionId,
    organizationId,
    workflowId,
    versionId: target.versionId,
    startNodes: [],
    event: {
      id: eventId,
      type: "MANUAL_TRIGGER",
      source: `execution:${step.executionId}`,
      data: variables,
      occurredAt: at,
      ...(contact && { contact }),
    },
    variables,
    metadata: {},
    dryRun: false,
    ...(wait ? { parent: { executionId: step.executionId, key: step.key, depth: step.eventDepth } } : {}),
    eventDepth: step.eventDepth + 1,
    ...(handed.length > 0 && { lent: lentBy(step, handed) }),
    ...(isWatched(target, at) && { watched: true }),
    ...globalsAtOf(target),
    ...(limits && { limits }),
  });
  // Its parent has ended while this was on its way, and called back what was not there yet.
  if (wait && step.signal.reason === STEP_OVER) await cancelChild({ executions }, step);
  const view = await executions.read(organizationId, executionId);
  if (!view) return { outcome: "unknown", reason: "the child run cannot be read" };
  const { status, output, error } = view;
  return {
    outcome: "ok",
    value: {
      executionId,
      // What its parent goes on with is data of its author: a run that waits is one that runs (CONTRACT "One vocabulary", core).
      status: status === "queued" || status === "waiting" ? "running" : status,
      output,
      error: error && { code: error.code, message: error.message },
    },
  };
};

const settingsOf = ({ settings }: Subworkflow): DefinitionSettings =>
  settings === null ? {} : (JSON.parse(settings) as DefinitionSettings);

/**
 * A run acts for whoever made its version: what they may not execute by hand, none of their workflows executes for them. What was published by
 * somebody who has left goes on: it was permitted then, and who stayed can see and stop it.
 */
const mayStart = ({ author, authorRole, createdBy, organizationId, grant }: Subworkflow): boolean => {
  if (!author || !authorRole) return true;
  const principal = { kind: "user", userId: author, username: author, organizationId, role: authorRole } as const;
  return may(principal, { createdBy, explicit: grant === null ? null : (JSON.parse(grant) as Grant) }, "execute");
};

const refused = (code: string, message: string): Attempted<ChildRun> => ({
  outcome: "refused",
  code,
  message,
  retryable: false,
});

const tooMany = (retryAfterMs: number): Attempted<ChildRun> => ({
  outcome: "refused",
  code: "BUDGET_EXCEEDED",
  message: `Runs that runs have started may start ${MAX_GRANDCHILDREN.max} more in a minute, which is the organization's budget`,
  retryable: true,
  retryAfterMs,
});
