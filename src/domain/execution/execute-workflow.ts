// A run that somebody starts by hand: in the event log and the index first, then its event in the inbox, then the run in its object. Who
// subscribes to MANUAL_TRIGGER hears of it by the queue, as of any other event; the executed workflow itself is started here and nowhere else.
import { type ContactRow, findContact } from "../../db/queries/contacts.ts";
import { setOutcomes } from "../../db/queries/events.ts";
import {
  failUnstarted,
  findExecution,
  findManualEvent,
  insertStartByHand,
  type ManualEvent,
  REFUSED,
  reopenEvent,
} from "../../db/queries/executions.ts";
import type { RunStatus } from "../../engine/contract.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { derivedId, newId } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import { auditStatement } from "../audit/record.ts";
import { contactView } from "../contact/view.ts";
import type { Context } from "../context.ts";
import { DomainError, notFound } from "../errors.ts";
import { runEventOf } from "../event/run-event.ts";
import { isWatched } from "../feed/watched.ts";
import { askForPlace } from "../queue/ask-for-place.ts";
import { type RunLimits, runLimitsOf } from "../queue/limits.ts";
import { globalsAtOf } from "../variable/globals.ts";
import { checkInputs } from "../variable/judge-value.ts";
import { openWorkflow, openWorkflowHead } from "../workflow/access.ts";
import { programOf } from "../workflow/definition.ts";
import { versionOf } from "../workflow/publish-workflow.ts";
import type { WorkflowSummary } from "../workflow/workflow.ts";
import { executionIdOf } from "./execution-id.ts";
import { eventByHand, MANUAL } from "./manual-event.ts";
import { checkRunSize } from "./run-size.ts";
import { checkBounds } from "./start-bounds.ts";

export type ExecuteRequest = {
  variables: JsonObject;
  metadata: JsonObject;
  /** Data of the run's event, where they are not its variables. */
  data?: JsonObject;
  /** What the run's event says that it is; the stream hears of MANUAL_TRIGGER whatever it says. */
  eventType?: string;
  /** Whom the run is about. */
  contactId?: string;
  /** Events that led to this, as far as whoever asks says so. */
  depth?: number;
  /** The same key starts the same run, for at least a day. */
  idempotencyKey?: string;
  /** 1 to 10, 10 first. */
  priority?: number;
  /** It begins then (epoch ms), and is listed as queued until then; a time that has passed is now. */
  startAt?: number;
  /** How long it is thought to work, in ms. */
  expectedMs?: number;
};

export type StartedExecution = {
  executionId: string;
  workflowId: string;
  /** Epoch ms; of one that is queued, when it was accepted. */
  startedAt: number;
  status: RunStatus;
  /** Among those that wait to start, 1 goes next; and how long that takes, in ms, going by what was measured. */
  place?: { position: number; waitMs: number | null };
};

const USUAL_PRIORITY = 5;

/** A start whose end was lost is looked after by the sweeper so much later, in ms. */
const START_GRACE_MS = 20_000;

/**
 * Runs the published version; a workflow that was never published runs its draft, pinned as a version. Throws `execution_refused` for an
 * archived or paused workflow and for a draft with errors, `not_found` for an unknown contact, `queue_full` where too many wait, `unavailable` when
 * the event cannot be kept or the run's object cannot be reached.
 */
export const executeWorkflow = async (
  context: Context,
  workflowId: string,
  request: ExecuteRequest,
): Promise<StartedExecution> => {
  const workflow = await openWorkflowHead(context, workflowId, "execute");
  checkRunSize({ variables: { ...request.variables, ...request.data }, metadata: request.metadata });
  checkInputs(workflow.inputs, request.variables);
  if (workflow.status === "archived" || workflow.status === "paused") {
    throw new DomainError("execution_refused", `The workflow is ${workflow.status}`, { subject: "workflow" });
  }
  const { db, now } = context.ports;
  const { organizationId } = workflow;
  const at = now();
  const ids = await eventIdsOf(context, workflowId, request.idempotencyKey, at);
  const repeated = request.idempotencyKey === undefined ? null : await findManualEvent(db, organizationId, ids);
  if (repeated) return startAgain(context, workflow, request, repeated);

  const contactId = request.contactId ?? null;
  const contact = contactId === null ? undefined : await findContact(db, organizationId, contactId);
  if (contactId !== null && !contact) throw notFound("contact");
  const version = await pinnedVersion(context, workflow, at);
  const data = request.data ?? request.variables;
  const event: ManualEvent = { id: ids[0]!, contactId, data, occurredAt: at, depth: request.depth ?? 0 };
  const executionId = await executionIdOf(event, workflowId);
  if (workflow.authoring === "marketing") {
    const { definition } = await openWorkflow(context, workflowId, "execute");
    await checkBounds(context.ports, definition.settings ?? {}, { organizationId, workflowId, executionId, contactId });
  }
  const { startAt = 0, priority = USUAL_PRIORITY, expectedMs } = request;
  const limits = runLimitsOf(version.maxConcurrency, workflow.queue ?? null);
  const isLater = startAt > at;
  const place =
    limits && !isLater
      ? await askForPlace(context.ports, organizationId, {
          id: executionId,
          workflowId,
          priority,
          limits,
          ...(expectedMs !== undefined && { expectedMs }),
        })
      : undefined;
  const recorded = db.batch([
    ...version.statements,
    ...insertStartByHand(
      db,
      {
        organizationId,
        executionId,
        workflowId,
        versionId: version.id,
        event: { ...event, ...MANUAL },
        nextWakeAt: at + START_GRACE_MS,
        status: isLater || place?.state === "queued" ? "queued" : "running",
        priority,
        scheduledAt: isLater ? startAt : null,
        retry: null,
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
  await recorded.catch(async (error: unknown) => {
    if (place) await context.ports.queues.leave(organizationId, executionId).catch(() => undefined);
    throw error;
  });
  // With a key, another request may have been first between the look and the batch.
  const first = request.idempotencyKey === undefined ? null : await findManualEvent(db, organizationId, ids);
  if (first && (first.id !== event.id || first.occurredAt !== at)) return startAgain(context, workflow, request, first);
  const started = await start(context, workflow, request, {
    event,
    contact,
    versionId: version.id,
    isTold: false,
    isFirst: true,
    ...(limits && { limits }),
  });
  if (place?.state !== "queued" || started.status !== "queued") return started;
  return { ...started, place: { position: place.position, waitMs: place.waitMs } };
};

/** What an earlier request with the same key has begun, from where that one got to. */
const startAgain = async (
  context: Context,
  workflow: WorkflowSummary,
  request: ExecuteRequest,
  event: ManualEvent & { processed: boolean },
): Promise<StartedExecution> => {
  const { db } = context.ports;
  const { organizationId, id: workflowId } = workflow;
  const versionId = await versionOfRun(context, event, workflowId);
  const contact = event.contactId === null ? undefined : await findContact(db, organizationId, event.contactId);
  // Whoever was first may have died before the run was there: then this is its start, and bounded like any other.
  const { maxConcurrency } = await pinnedVersion(context, workflow, event.occurredAt);
  const limits = runLimitsOf(maxConcurrency, workflow.queue ?? null);
  return start(context, workflow, request, {
    event,
    contact,
    versionId,
    isTold: event.processed,
    isFirst: false,
    ...(limits && { limits }),
  });
};

/** The version that the run of an earlier event is pinned to. */
const versionOfRun = async (
  { ports, principal }: Context,
  event: { id: string; occurredAt: number },
  workflowId: string,
): Promise<string> => {
  const row = await findExecution(ports.db, principal.organizationId, await executionIdOf(event, workflowId));
  if (row) return row.versionId;
  throw new DomainError("conflict", "The execution of this Idempotency-Key no longer exists", { subject: "execution" });
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

/** The version that runs now, made first where there is none. */
export const pinnedVersion = async (
  context: Context,
  head: WorkflowSummary,
  at: number,
): Promise<{ id: string; statements: D1PreparedStatement[]; maxConcurrency: number | null }> => {
  if (head.status === "active" && head.publishedVersionId !== null)
    return { id: head.publishedVersionId, statements: [], maxConcurrency: head.maxConcurrency ?? null };
  const workflow = await openWorkflow(context, head.id, "execute");
  const { settings } = programOf(workflow.definition, "execution_refused");
  return { ...(await versionOf(context, workflow, at)), maxConcurrency: settings.maxConcurrency ?? null };
};

type Beginning = {
  event: ManualEvent;
  contact: ContactRow | undefined;
  versionId: string;
  /** Everybody who listens has heard of the event. */
  isTold: boolean;
  /** Nobody has tried it before. */
  isFirst: boolean;
  limits?: RunLimits;
};

/**
 * The event first: once it is kept, nobody misses it, whatever becomes of this process. One that dies before leaves the run's row, by which the
 * sweeper finds the event and tells it, and ends a run that was never begun. Both are idempotent by their ids, so a repeated request does what an
 * earlier one left undone.
 */
const start = async (
  context: Context,
  workflow: WorkflowSummary,
  { variables, metadata, priority, eventType, startAt }: ExecuteRequest,
  { event: manual, contact, versionId, isTold, isFirst, limits }: Beginning,
): Promise<StartedExecution> => {
  const { db, executions, inbox, now } = context.ports;
  const { organizationId, id: workflowId } = workflow;
  const executionId = await executionIdOf(manual, workflowId);
  const run = { organizationId, id: executionId };
  const event = eventByHand(organizationId, manual, workflowId);
  const refuse = async (error: unknown, statements: D1PreparedStatement[]): Promise<never> => {
    console.error(JSON.stringify({ at: "execution.start", execution: executionId, message: String(error) }));
    await db.batch(statements);
    throw new DomainError("unavailable", "The run could not be started; try again", {
      subject: "execution",
      retryAfterSeconds: 1,
    });
  };
  const failed = "The run could not be started";
  try {
    if (!isTold && !isFirst) await reopenEvent(db, organizationId, event.id).run();
    if (!isTold) await inbox.accept(event);
  } catch (error) {
    const outcome = { started: [], delivered: [], missed: [], stopped: REFUSED };
    const outcomes = setOutcomes(db, [{ organizationId, id: event.id, outcome }]);
    return refuse(error, [failUnstarted(db, run, failed, now()), outcomes]);
  }
  try {
    const { startedAt, status } = await executions.start({
      executionId,
      organizationId,
      workflowId,
      versionId,
      startNodes: [],
      event: {
        ...runEventOf(event, contact && contactView(contact)),
        ...(eventType === undefined ? {} : { type: eventType }),
      },
      variables,
      metadata,
      username: context.principal.username,
      dryRun: false,
      eventDepth: event.depth,
      ...(priority === undefined ? {} : { priority }),
      ...(startAt === undefined ? {} : { startAt }),
      ...(limits && { limits }),
      ...(isWatched(workflow, now()) && { watched: true }),
      ...globalsAtOf(workflow),
    });
    return { executionId, workflowId, startedAt, status };
  } catch (error) {
    // The answer alone may have got lost: the sweeper looks.
    return refuse(error, [failUnstarted(db, run, failed, now(), now() + START_GRACE_MS)]);
  }
};
