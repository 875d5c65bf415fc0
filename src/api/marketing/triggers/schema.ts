// Wire shapes of triggers, and the source of their part of the OpenAPI document.
import { z } from "@hono/zod-openapi";
import { description, id, instant, jsonObject, name, page, search, tree, truth } from "../schema.ts";

const triggerType = z.string().max(100).openapi({ example: "MESSAGE_RECEIVED", description: "An event type's code" });

const optional = {
  description: description.optional(),
  filters: tree.nullable().optional(),
  is_active: z.boolean().optional(),
  /** What may be in it is the trigger_schedule node's to say. */
  schedule: jsonObject
    .nullable()
    .optional()
    .openapi({
      description:
        "Times of its own, of a trigger on SCHEDULED: {cron, timezone?}, {at} or {every_seconds}. Without them it hears of every schedule of the organization.",
      example: { cron: "0 9 * * MON-FRI", timezone: "Asia/Tehran" },
    }),
};
export const fullTrigger = z.strictObject({ name, trigger_type: triggerType, ...optional });
export const someTrigger = z.strictObject({ name: name.optional(), trigger_type: triggerType.optional(), ...optional });

export const triggerFilter = z.object({
  ...page,
  trigger_type: z.string().optional(),
  is_active: truth.optional(),
  search,
});

export const trigger = z
  .object({
    id,
    name: z.string(),
    description: z.string(),
    trigger_type: z.string(),
    filters: tree,
    schedule: jsonObject.nullable(),
    is_active: z.boolean(),
    created_at: instant,
    updated_at: instant,
  })
  .openapi("Trigger");

export const testAnswer = z.object({
  trigger_id: id,
  matched: z.boolean(),
  reason: z.string().nullable(),
  /** The first condition that did not hold. */
  failed: z
    .object({
      path: z.string().openapi({ example: "conditions.0" }),
      field: z.string(),
      operator: z.string(),
      expected: z.unknown(),
      actual: z.unknown(),
    })
    .nullable(),
});

export const workflowOfTrigger = z.object({
  id,
  name: z.string(),
  status: z.string(),
  priority: z.int(),
  specific_conditions: tree.nullable(),
});
