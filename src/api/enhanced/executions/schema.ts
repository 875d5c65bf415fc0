// Wire shapes of executions: lists and one execution with all that is known of it.
import { z } from "@hono/zod-openapi";
import { DAY_MS } from "../../../lib/durations.ts";
import { anyJson } from "../../shared/any-json.ts";
import { dateOrTime, instant, moment, ms, pageQuery, pagination, truth } from "../schema.ts";

export const EXECUTION_STATUSES = [
  "queued",
  "running",
  "waiting",
  "completed",
  "failed",
  "cancelled",
  "timed_out",
] as const;
const STEP_STATUSES = ["running", "waiting", "completed", "failed", "cancelled", "skipped"] as const;
const INPUT_TYPES = ["start", "begin", "continue", "result", "time", "listening", "event", "cancel"] as const;

/** A date alone is all of that day. */
const until = dateOrTime.transform((text) => Date.parse(text) + (text.length === 10 ? DAY_MS - 1 : 0));

const filters = {
  status: z.enum(EXECUTION_STATUSES).optional(),
  startDate: moment.optional().openapi({ description: "Created from then on" }),
  endDate: until.optional().openapi({ description: "Created until then; a date alone is all of that day" }),
  testMode: truth.optional().openapi({ description: "Those in test mode, in place of all but them" }),
  ...pageQuery,
};
type Dated = { startDate?: number | undefined; endDate?: number | undefined };
const inOrder = ({ startDate, endDate }: Dated): boolean =>
  startDate === undefined || endDate === undefined || startDate <= endDate;
const notInOrder = { path: ["endDate"], message: "Must not be before startDate." };

export const historyQuery = z.object(filters).refine(inOrder, notInOrder);
const id = z.string().min(1).max(128).optional();
export const allHistoryQuery = z.object({ ...filters, workflowId: id, contactId: id }).refine(inOrder, notInOrder);

/** WorkflowExecution of the document. */
export const workflowExecution = z
  .object({
    id: z.string(),
    workflowId: z.string(),
    workflowName: z.string().nullable(),
    /** Number of the version that it is pinned to; null when that is gone. */
    version: z.int().nullable(),
    status: z.enum(EXECUTION_STATUSES),
    /** Type of the event that started it. */
    triggerType: z.string(),
    priority: z.int(),
    testMode: z.boolean(),
    createdAt: instant,
    startedAt: instant.nullable(),
    completedAt: instant.nullable(),
    durationMs: ms.nullable(),
    nodesExecuted: z.int(),
    error: z.object({ code: z.string(), message: z.string(), nodeId: z.string().nullable() }).nullable(),
    parentExecutionId: z.string().nullable(),
    /** The execution that it repeats. */
    retryOf: z.string().nullable(),
    /** When it was to start, where somebody said so. */
    scheduledAt: instant.nullable(),
    contactId: z.string().nullable(),
    inputData: z.record(z.string(), anyJson).optional(),
    triggerData: z.record(z.string(), anyJson).optional(),
    context: z.record(z.string(), anyJson).optional(),
    /** What the execution put out at its end, `{}` before; null when it is not kept any more. */
    output: anyJson.optional(),
  })
  .openapi("WorkflowExecution");

export const failureReason = z
  .object({
    code: z.string(),
    message: z.string(),
    /** The same as the message. */
    reason: z.string(),
    nodeId: z.string().nullable(),
    count: z.int(),
    /** Of all failures. */
    percentage: z.number(),
    firstSeenAt: instant.optional(),
    lastSeenAt: instant,
    /** Ids of the latest executions, latest first. */
    samples: z.array(z.string()).optional(),
  })
  .openapi("FailureReason");

export const executionList = z
  .object({ executions: z.array(workflowExecution), pagination })
  .openapi("ExecutionListResponse");

export const history = z
  .object({
    executions: z.array(workflowExecution),
    /** Of the dates, whatever status is asked for. */
    analytics: z.object({
      totalExecutions: z.int(),
      successRate: z.number(),
      avgExecutionTime: ms,
      failureReasons: z.array(failureReason),
    }),
    pagination,
  })
  .openapi("ExecutionHistoryResponse");

const told = z.object({ code: z.string(), message: z.string() });

/** One visit of a node. */
export const executionStep = z
  .object({
    /** `execution:node:visit`, the key under which it acts outside. */
    id: z.string(),
    stepNumber: z.int(),
    nodeId: z.string(),
    nodeType: z.string(),
    name: z.string().nullable(),
    /** 1 for the node's first visit. */
    visit: z.int(),
    status: z.enum(STEP_STATUSES),
    startedAt: instant,
    completedAt: instant.nullable(),
    durationMs: ms.nullable(),
    /** Of it, spent on what it asked of the outside. */
    activeMs: ms.nullable(),
    /** Of it, spent waiting for time, events or the next attempt. */
    waitMs: ms.nullable(),
    attempts: z.int(),
    input: anyJson,
    output: anyJson,
    /** By which it was left. */
    port: z.string().nullable(),
    error: told.nullable(),
    logs: z.array(z.string()),
  })
  .openapi("ExecutionStep");

export const executionTimeline = z
  .object({
    timestamp: instant,
    /** Since the start. */
    offsetMs: ms,
    /** Of the journal; null where that is not kept any more. */
    seq: z.int().nullable(),
    type: z.enum([
      ...(["execution_started", "step_started", "step_waiting", "event_received", "step_completed"] as const),
      ...(["step_failed", "step_cancelled", "execution_completed", "execution_failed"] as const),
      ...(["execution_cancelled", "execution_timed_out", "execution_queued"] as const),
    ]),
    stepId: z.string().nullable(),
    nodeId: z.string().nullable(),
    message: z.string(),
  })
  .openapi("ExecutionTimeline");

export const executionPerformance = z
  .object({
    totalMs: ms,
    /** From its creation to its start. */
    queuedMs: ms,
    activeMs: ms,
    waitMs: ms,
    stepsExecuted: z.int(),
    attempts: z.int(),
    retries: z.int(),
    commits: z.int(),
    slowestSteps: z.array(
      z.object({
        stepId: z.string(),
        nodeId: z.string(),
        nodeType: z.string(),
        durationMs: ms,
        /** Of the total, in percent. */
        share: z.number(),
      }),
    ),
  })
  .openapi("ExecutionPerformance");

export const executionLog = z
  .object({
    timestamp: instant,
    level: z.enum(["info", "warning", "error"]),
    message: z.string(),
    stepId: z.string().nullable(),
    nodeId: z.string().nullable(),
  })
  .openapi("ExecutionLog");

/** How the engine stands; absent when the journal is not kept any more. */
export const debugInfo = z
  .object({
    versionId: z.string(),
    /** Inputs in the journal. */
    seq: z.int(),
    commits: z.int(),
    flags: z.int(),
    /** The bug that parked it; null as a rule. */
    stuck: z.string().nullable(),
    /** When something is due by itself. */
    dueAt: instant.nullable(),
    waiting: z.array(
      z.object({
        nodeId: z.string(),
        phase: z.enum(["ready", "performing", "retrying", "waiting", "merging", "looping"]),
        since: instant,
        attempt: z.int(),
        wakeAt: instant.nullable(),
        deadline: instant.nullable(),
        eventType: z.string().nullable(),
      }),
    ),
    variables: z.record(z.string(), anyJson),
    eventDepth: z.int(),
    /** Why timeline and logs end early; null when they do not. */
    cut: z.string().nullable(),
  })
  .openapi("DebugInfo");

export const details = z
  .object({
    execution: workflowExecution,
    steps: z.array(executionStep),
    timeline: z.array(executionTimeline),
    performance: executionPerformance,
    logs: z.array(executionLog),
    debugInfo: debugInfo.optional(),
  })
  .openapi("ExecutionDetailsResponse");

const visitRef = z.object({ stepId: z.string(), nodeId: z.string(), visit: z.int() });

export const journalEntry = z
  .object({
    seq: z.int(),
    at: instant,
    type: z.enum(INPUT_TYPES),
    /** As it was, without what is secret. */
    input: z.looseObject({ type: z.string() }),
    /** It no longer applied, and changed nothing. */
    ignored: z.boolean(),
    did: z.object({
      begun: z.array(visitRef),
      waiting: z.array(visitRef),
      ended: z.array(
        visitRef.extend({ status: z.enum(STEP_STATUSES), port: z.string().nullable(), error: told.nullable() }),
      ),
      variables: z.array(z.string()),
      effects: z.array(
        z.object({
          type: z.enum(["perform", "abort", "listen", "unlisten", "continue", "finished"]),
          stepId: z.string().nullable(),
          /** What it says is its type's own. */
          details: z.record(z.string(), anyJson),
        }),
      ),
      logs: z.int(),
    }),
    /** Of the execution, after it. */
    status: z.enum(EXECUTION_STATUSES),
  })
  .openapi("JournalEntry");

export const journal = z
  .object({
    entries: z.array(journalEntry),
    /** Why the page ends early; null when it does not. */
    cut: z.string().nullable(),
    pagination,
  })
  .openapi("JournalResponse");

export const journalQuery = z.object(pageQuery);

export const replayed = z
  .object({
    /** Null: it cannot be told, for the reason that is given. */
    equal: z.boolean().nullable(),
    /** `kept`, or `deleted` together with the execution's own memory. */
    journal: z.enum(["kept", "deleted"]),
    reason: z.string().nullable(),
    /** Of the last input that was folded. */
    seq: z.int(),
    differences: z.array(z.object({ record: z.string(), stored: anyJson, replayed: anyJson })),
    /** Inputs that were folded. */
    steps: z.int(),
    durationMs: ms,
  })
  .openapi("Replay");

export const cancelBody = z.strictObject({ reason: z.string().trim().min(1).max(500).optional() });
export const cancelled = z
  .object({ success: z.literal(true), executionId: z.string(), cancelledAt: instant })
  .openapi("CancelledExecution");
