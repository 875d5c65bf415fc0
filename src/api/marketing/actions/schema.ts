// Wire shapes of actions, and the source of their part of the OpenAPI document.
import { z } from "@hono/zod-openapi";
import { actionTypeOf } from "../../../domain/marketing/action-types.ts";
import { description, id, instant, jsonObject, name, page, reference, search, truth } from "../schema.ts";

/** The longest wait before an action, in seconds: a year. */
const MAX_DELAY = 366 * 86_400;

const actionType = z.string().max(100).openapi({ example: "send_message" });
const order = z.int().min(-1_000_000).max(1_000_000);

const optional = {
  description: description.optional(),
  order: order.optional(),
  delay: z.int().min(0).max(MAX_DELAY).optional().openapi({ description: "Seconds before the action" }),
  is_active: z.boolean().optional(),
};
export const fullAction = z.strictObject({ name, action_type: actionType, configuration: jsonObject, ...optional });

const joined = {
  workflow: reference.nullable().optional().openapi({ description: "A workflow that it joins at once" }),
  is_required: z.boolean().optional(),
  condition_id: reference.nullable().optional(),
};
export const newAction = z.strictObject({ ...fullAction.shape, ...joined });

export const someAction = z.strictObject({
  name: name.optional(),
  action_type: actionType.optional(),
  configuration: jsonObject.optional(),
  ...optional,
});

export const actionFilter = z.object({
  ...page,
  action_type: z
    .string()
    .refine((type) => actionTypeOf(type) !== undefined, "Select a valid choice.")
    .optional(),
  is_active: truth.optional(),
  search,
});

export const action = z
  .object({
    id,
    name: z.string(),
    description: z.string(),
    action_type: z.string(),
    configuration: jsonObject,
    order: z.int(),
    delay: z.int(),
    is_active: z.boolean(),
    created_at: instant,
    updated_at: instant,
  })
  .openapi("Action");

export const actionTypes = z.array(z.object({ value: z.string(), label: z.string() }));

export const templateFilter = z.object({ action_type: z.string().optional() });

const parameter = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  required: z.boolean(),
  description: z.string(),
  default: z.unknown(),
  choices: z.array(z.string()).nullable(),
  supports_templates: z.boolean(),
  example: z.unknown(),
});
export const parameterTemplate = z
  .object({
    action_type: z.string(),
    label: z.string(),
    description: z.string(),
    parameters: z.array(parameter),
    example: jsonObject,
  })
  .openapi("ParameterTemplate");

export const testAnswer = z.object({
  action_id: id,
  action_type: z.string(),
  success: z.boolean(),
  rendered: jsonObject,
  recipient: z.unknown().optional(),
  result: z.unknown().optional(),
  output: z.array(z.string()).optional(),
  errors: z.record(z.string(), z.array(z.string())),
});
