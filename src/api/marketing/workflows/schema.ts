// Wire shapes of workflows, and the source of their part of the OpenAPI document.
import { z } from "@hono/zod-openapi";
import { description, id, instant, name, page, reference, search, tree } from "../schema.ts";

export const status = z.enum(["DRAFT", "ACTIVE", "PAUSED", "ARCHIVED"]);

const MAX_COUNT = 1_000_000_000;
const count = z.int().min(0).max(MAX_COUNT);
const moment = z.iso
  .datetime({ offset: true, message: "Must be a date and time in ISO 8601, with its zone." })
  .nullable()
  .openapi({ example: "2024-01-01T10:00:00Z" });

const optional = {
  description: description.optional(),
  status: status.optional(),
  max_executions: count.optional().openapi({ description: "Runs of one contact in all; 0 is no limit", default: 0 }),
  delay_between_executions: count
    .optional()
    .openapi({ description: "Seconds between two runs of one contact", default: 0 }),
  start_date: moment.optional(),
  end_date: moment.optional(),
};
export const fullWorkflow = z.strictObject({ name, ...optional });
export const someWorkflow = z.strictObject({ name: name.optional(), ...optional });

export const workflowFilter = z.object({ ...page, status: status.optional(), search });

const summary = {
  id,
  name: z.string(),
  description: z.string(),
  status,
  actions_count: z.int(),
  triggers_count: z.int(),
  executions_count: z.int(),
  created_at: instant,
  updated_at: instant,
};
export const workflowSummary = z.object(summary).openapi("WorkflowSummary");

export const triggerOfWorkflow = z
  .object({
    id,
    trigger_id: id,
    trigger_name: z.string(),
    trigger_type: z.string(),
    priority: z.int(),
    specific_conditions: tree.nullable(),
    is_active: z.boolean(),
  })
  .openapi("WorkflowTrigger");

export const actionOfWorkflow = z
  .object({
    id,
    action_id: id,
    action_name: z.string(),
    action_type: z.string(),
    order: z.int(),
    delay: z.int(),
    is_required: z.boolean(),
    is_active: z.boolean(),
    condition_id: id.nullable(),
    condition_name: z.string().nullable(),
  })
  .openapi("WorkflowAction");

export const workflow = z
  .object({
    ...summary,
    max_executions: z.int(),
    delay_between_executions: z.int(),
    start_date: instant.nullable(),
    end_date: instant.nullable(),
    created_by: z.string(),
    actions: z.array(actionOfWorkflow),
    triggers: z.array(triggerOfWorkflow),
    recent_executions: z.array(
      z.object({
        id,
        status: z.string(),
        created_at: instant,
        started_at: instant.nullable(),
        completed_at: instant.nullable(),
      }),
    ),
  })
  .openapi("Workflow");

export const addTriggerBody = z.strictObject({
  trigger_id: reference,
  priority: z.int().min(-1_000_000).max(1_000_000).optional(),
  specific_conditions: tree.nullable().optional(),
});
export const removeTriggerBody = z.strictObject({ trigger_id: reference });

export const addActionBody = z.strictObject({
  action_id: reference,
  order: z.int().min(-1_000_000).max(1_000_000).nullable().optional(),
  is_required: z.boolean().optional(),
  condition_id: reference.nullable().optional(),
});
export const removeActionBody = z.strictObject({ action_id: reference });

export const said = z.object({ success: z.boolean(), message: z.string() });
