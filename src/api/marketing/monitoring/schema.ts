// Wire shapes of executions and what their actions did, and the source of their part of the OpenAPI document.
import { z } from "@hono/zod-openapi";
import { isJsonObject, type JsonObject } from "../../../lib/json.ts";
import { id, instant, page, pageOf } from "../schema.ts";

export const RUN_STATUSES = ["QUEUED", "RUNNING", "WAITING", "COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"] as const;
const STEP_STATUSES = ["RUNNING", "WAITING", "COMPLETED", "FAILED", "CANCELLED", "SKIPPED"] as const;

const upper = (text: unknown) => (typeof text === "string" ? text.toUpperCase() : text);
const text = z.string().max(200);
const time = z
  .string()
  .refine((value) => /^\d{4}-/.test(value) && !Number.isNaN(Date.parse(value)), "Enter a valid date/time.")
  .transform((value) => Date.parse(value))
  .openapi({ type: "string", format: "date-time" });
const truth = z
  .string()
  .refine((value) => /^(true|false|1|0)$/i.test(value), "Must be true or false.")
  .transform((value) => /^(true|1)$/i.test(value))
  .openapi({ type: "boolean" });

const runStatus = z.preprocess(upper, z.enum(RUN_STATUSES)).openapi({ type: "string", enum: [...RUN_STATUSES] });
const stepStatus = z.preprocess(upper, z.enum(STEP_STATUSES)).openapi({ type: "string", enum: [...STEP_STATUSES] });

export const runQuery = z.object({
  ...page,
  status: runStatus.optional(),
  workflow: text.optional().openapi({ description: "A workflow's id" }),
  user: text.optional().openapi({ description: "A user's id" }),
  created_at__gte: time.optional(),
  created_at__lte: time.optional(),
});

export const ownRunQuery = z.object({ ...page, status: runStatus.optional() });

export const stepQuery = z.object({
  ...page,
  status: stepStatus.optional(),
  execution: text.optional().openapi({ description: "A workflow execution's id" }),
  workflow: text.optional(),
  action: text.optional().openapi({ description: "An action's id" }),
});

export const logQuery = z.object({
  ...page,
  success: truth.optional(),
  action: text.optional().openapi({ description: "An action's id" }),
  execution: text.optional(),
  workflow: text.optional(),
});

/** A profile, the event, and variables: what the run reads as `user`, `event` and `variables`. */
const object = z.custom<JsonObject>(isJsonObject, "Must be an object.").openapi({ type: "object" });

export const executeBody = z.object({
  context: z
    .object({
      user: object.nullish().openapi({ example: { id: "customer-123", first_name: "John" } }),
      event: z
        .object({
          type: z
            .string()
            .regex(/^[A-Za-z][\w.:-]{0,99}$/, "Use letters, digits and _ . : - with a letter first, at most 100.")
            .nullish(),
          data: object.nullish(),
        })
        .nullish(),
      variables: object.nullish(),
    })
    .nullish(),
});

export const executed = z.object({
  success: z.boolean(),
  execution_id: id,
  workflow_id: id,
  status: z.enum(RUN_STATUSES),
  message: z.string(),
  started_at: instant,
});

const nullable = z.string().nullable();

const runFields = {
  id,
  workflow: id,
  workflow_name: nullable,
  user: nullable.openapi({ description: "The user's own id of yours, else ours" }),
  conversation_id: nullable,
  status: z.enum(RUN_STATUSES),
  trigger_type: z.string().openapi({ description: "Type of the event that started it" }),
  event_log: nullable.openapi({ description: "Id of that event" }),
  started_at: instant.nullable(),
  completed_at: instant.nullable(),
  duration_ms: z.int().nullable(),
  error_message: nullable,
  created_at: instant,
  updated_at: instant,
};

export const run = z.object(runFields).openapi("WorkflowExecution");
export const runList = pageOf(run);

const stepFields = {
  id: z.string(),
  workflow_execution: id,
  workflow: id,
  workflow_name: nullable,
  user: nullable,
  action: nullable,
  action_name: nullable,
  action_type: z.string(),
  node_id: z.string(),
  status: z.enum(STEP_STATUSES),
  attempts: z.int(),
  error_message: nullable,
  started_at: instant,
  completed_at: instant.nullable(),
  duration_ms: z.int().nullable(),
};

export const step = z.object(stepFields).openapi("ActionExecution");
export const stepList = pageOf(step);

export const actionLog = z
  .object({
    ...stepFields,
    success: z.boolean(),
    result: z.unknown(),
    output: z
      .array(z.string())
      .openapi({ description: "What the action had to say, printed lines of its code as well" }),
    executed_at: instant,
  })
  .openapi("ActionLog");
export const actionLogList = pageOf(actionLog);

export const runDetail = z
  .object({
    ...runFields,
    actions: z.array(z.looseObject({})),
    action_executions: z.array(step),
    variables: z.looseObject({}),
    result: z.unknown(),
  })
  .openapi("WorkflowExecutionDetail");

export const cancelled = z.object({
  success: z.boolean(),
  id,
  status: z.literal("CANCELLED"),
  message: z.string(),
  cancelled_at: instant,
});

const count = z.int().min(0);
export const statistics = z
  .object({
    total_workflows: count,
    active_workflows: count,
    draft_workflows: count,
    paused_workflows: count,
    archived_workflows: count,
    total_executions: count,
    recent_executions: count.openapi({ description: "Of the last 24 hours" }),
    successful_executions: count,
    failed_executions: count,
  })
  .openapi("WorkflowStatistics");
