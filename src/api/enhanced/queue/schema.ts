// Wire shapes of executing and of the queue.
import { z } from "@hono/zod-openapi";
import { MOST_CONCURRENT, MOST_QUEUED } from "../../../domain/queue/limits.ts";
import { JOB_STATUSES } from "../../../domain/queue/read-queue.ts";
import { DAY_MS } from "../../../lib/durations.ts";
import { anyJson } from "../../shared/any-json.ts";
import { EXECUTION_STATUSES } from "../executions/schema.ts";
import { count, instant, ms, pageQuery, pagination, percent } from "../schema.ts";

const values = z.record(z.string(), anyJson);

/** 1 to 10, 10 first. */
const priority = z.int().min(1).max(10);

/** How far ahead an execution may be scheduled, in ms. */
const MOST_AHEAD_MS = 366 * DAY_MS;
/** A clock that goes a little slow schedules nothing in the past, in ms. */
const GRACE_MS = 60_000;

const scheduledAt = z.iso
  .datetime({ offset: true, error: "Must be an ISO 8601 date-time with an offset." })
  .transform((text) => Date.parse(text))
  .refine((at) => at >= Date.now() - GRACE_MS, "Must not lie in the past.")
  .refine((at) => at <= Date.now() + MOST_AHEAD_MS, "Must lie within a year.");

/** ExecutionContext of the document: whom it is about, and what else is to be known, which templates read as `metadata`. */
const executionContext = z
  .looseObject({
    contactId: z.string().min(1).max(200).optional().openapi({ description: "Id of the contact that it is about" }),
    userId: z.string().min(1).max(200).optional().openapi({ description: "The contact's own external id, instead" }),
    metadata: values.optional(),
  })
  .openapi("ExecutionContext");

export const executeBody = z
  .strictObject({
    inputData: values.optional().openapi({ description: "variables.*, and event.data.* when there is no triggerData" }),
    triggerData: values.optional().openapi({ description: "event.data.*" }),
    priority: priority.optional().openapi({ description: "10 first; 5 unless said" }),
    scheduledAt: scheduledAt.optional().openapi({ type: "string", format: "date-time" }),
    context: executionContext.optional(),
    testMode: z.boolean().optional().openapi({ description: "Writes to nobody, calls nobody and waits for nothing" }),
  })
  .openapi("ExecuteWorkflowRequest");

export const executed = z
  .object({
    executionId: z.string(),
    status: z.enum(["queued", "started"]),
    /** In ms: the median of the workflow's executions of the last 30 days, else what its nodes take. */
    estimatedDuration: ms,
    /** Among those that wait for the same slots; 1 goes next. */
    queuePosition: z.int().min(1).optional(),
    /** In ms, until it starts, going by what was measured, or is thought of its nodes; null where nothing is known. */
    estimatedWait: ms.nullable().optional(),
    scheduledAt: instant.optional(),
    testMode: z.boolean(),
  })
  .openapi("ExecuteWorkflowResponse");

const workerStatus = z
  .object({
    id: z.string(),
    name: z.string(),
    /** What works here: the slots of a limited workflow, those of the organization, and the consumers of the event and report queues. */
    type: z.enum(["workflow_slots", "organization_slots", "consumer"]),
    /** `saturated`: all slots are taken, and somebody waits for one. */
    status: z.enum(["idle", "busy", "saturated"]),
    slots: count.nullable(),
    busy: count.nullable(),
    waiting: count.nullable(),
    /** Over the last five minutes. */
    throughputPerMinute: z.number().min(0).nullable(),
    /** How long an execution has its slot. */
    averageDurationMs: ms.nullable(),
    /** Consumers: from an event to the start that it causes, and from the end of an execution to its row. */
    lagMs: ms.nullable(),
    lastActivityAt: instant.nullable(),
  })
  .openapi("WorkerStatus");

export const queueStatus = z
  .object({
    totalJobs: count,
    processingJobs: count,
    queuedJobs: count,
    failedJobs: count,
    completedJobs: count,
    workers: z.array(workerStatus),
    /** In ms, of who would start now. */
    estimatedWaitTime: ms,
    limits: z.object({ maxConcurrency: count.nullable(), maxQueued: count }),
  })
  .openapi("QueueStatusResponse");

export const jobQuery = z.object({
  status: z.enum(JOB_STATUSES).optional(),
  priority: z
    .string()
    .regex(/^([1-9]|10)$/, "Must be a whole number from 1 to 10.")
    .transform(Number)
    .optional(),
  workflowId: z.string().optional(),
  ...pageQuery,
});

const queueJob = z
  .object({
    /** The execution's; `executionId` repeats it. */
    id: z.string(),
    executionId: z.string(),
    workflowId: z.string(),
    workflowName: z.string().nullable(),
    status: z.enum(JOB_STATUSES),
    executionStatus: z.enum(EXECUTION_STATUSES),
    priority,
    createdAt: instant,
    /** The same as createdAt. */
    queuedAt: instant,
    startedAt: instant.nullable(),
    completedAt: instant.nullable(),
    /** How often it was retried before. */
    retryCount: count,
    attempts: z.int().min(1),
    retryOf: z.string().nullable(),
    scheduledAt: instant.nullable(),
    /** Among those that wait for the same slots; null where it waits for none. */
    position: z.int().min(1).nullable(),
    estimatedStartTime: instant.nullable(),
    triggerType: z.string(),
    error: z.object({ code: z.string(), message: z.string(), nodeId: z.string().nullable() }).nullable(),
  })
  .openapi("QueueJob");

const queueStatistics = z
  .object({
    total: count,
    queued: count,
    processing: count,
    completed: count,
    failed: count,
    running: count,
    waiting: count,
    timedOut: count,
    cancelled: count,
    /** Percent of those that ended by themselves; null where none did. */
    successRate: percent.nullable(),
    estimatedWaitTime: ms,
  })
  .openapi("QueueStatistics");

export const queueJobs = z
  .object({ jobs: z.array(queueJob), statistics: queueStatistics, pagination })
  .openapi("QueueJobsResponse");

export const retryBody = z
  .strictObject({
    resetRetryCount: z.boolean().optional(),
    newPriority: priority.optional(),
    fromStep: z
      .union([z.boolean(), z.string().min(1).max(200)], { error: "Must be true, false or a node's id." })
      .optional()
      .openapi({ description: "true: go on at the step that failed; a node's id: at that node" }),
    version: z
      .enum(["original", "current"])
      .optional()
      .openapi({ description: "The version that it ran, or the published one; the first unless said" }),
  })
  .openapi("RetryJobRequest");

export const retried = z
  .object({
    success: z.boolean(),
    newJobId: z.string(),
    estimatedStartTime: instant,
    status: z.enum(["queued", "started"]),
  })
  .openapi("RetryJobResponse");

export const settingsBody = z
  .strictObject({
    maxConcurrency: z.int().min(1).max(MOST_CONCURRENT).nullable().optional(),
    maxQueued: z.int().min(1).max(MOST_QUEUED).nullable().optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), "Must name at least one limit.")
  .openapi("QueueSettingsRequest");

export const settings = z.object({ maxConcurrency: count.nullable(), maxQueued: count }).openapi("QueueSettings");
