// Wire shapes of executions: lists and one execution with all that is known of it.
import { z } from "@hono/zod-openapi";
import { pagination } from "../schema.ts";

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

const DAY_MS = 86_400_000;
const error = "Must be an ISO 8601 date or date-time with an offset.";
const from = z.union([z.iso.datetime({ offset: true }), z.iso.date()], { error }).transform((text) => Date.parse(text));
/** A date alone is all of that day. */
const to = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], { error })
  .transform((text) => Date.parse(text) + (text.length === 10 ? DAY_MS - 1 : 0));

const time = z.iso.datetime();
const ms = z.number().min(0);

export const historyQuery = z
  .object({
    status: z.enum(EXECUTION_STATUSES).optional(),
    startDate: from.optional().openapi({ description: "Created from then on" }),
    endDate: to.optional().openapi({ description: "Created until then; a date alone is all of that day" }),
    page: z.string().optional(),
    limit: z.string().optional(),
  })
  .refine(({ startDate, endDate }) => startDate === undefined || endDate === undefined || startDate <= endDate, {
    path: ["endDate"],
    message: "Must not be before startDate.",
  });

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
    createdAt: time,
    startedAt: time.nullable(),
    completedAt: time.nullable(),
    durationMs: ms.nullable(),
    nodesExecuted: z.int(),
    error: z.object({ code: z.string(), message: z.string(), nodeId: z.string().nullable() }).nullable(),
    parentExecutionId: z.string().nullable(),
    contactId: z.string().nullable(),
    inputData: z.record(z.string(), z.json()).optional(),
    triggerData: z.record(z.string(), z.json()).optional(),
    context: z.record(z.string(), z.json()).optional(),
  })
  .openapi("WorkflowExecution");

export const failureReason = z
  .object({
    code: z.string(),
    message: z.string(),
    nodeId: z.string().nullable(),
    count: z.int(),
    /** Of all failures. */
    percentage: z.number(),
    lastSeenAt: time,
  })
  .openapi("FailureReason");

export const history = z.object({
  executions: z.array(workflowExecution),
  analytics: z.object({
    totalExecutions: z.int(),
    successRate: z.number(),
    avgExecutionTime: ms,
    failureReasons: z.array(failureReason),
  }),
  pagination,
});
