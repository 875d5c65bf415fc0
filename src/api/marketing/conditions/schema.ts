// Wire shapes of conditions, and the source of their part of the OpenAPI document.
import { z } from "@hono/zod-openapi";
import type { Json } from "../../../lib/json.ts";
import { description, id, instant, name, page, search, warnings } from "../schema.ts";

const list = z.array(z.unknown() as z.ZodType<Json>).openapi({
  type: "array",
  items: { type: "object" },
  example: [{ field: "user.tags", operator: "contains", value: "premium" }],
});

const optional = {
  description: description.optional(),
  operator: z
    .string()
    .max(20)
    .optional()
    .openapi({ enum: ["and", "or"] }),
  conditions: list.optional(),
  use_custom_code: z.boolean().optional(),
  custom_code: z.string().max(50_000, "Must have at most 50000 characters.").nullable().optional(),
  language: z.enum(["python", "javascript"]).optional(),
};
export const fullCondition = z.strictObject({ name, ...optional });
export const someCondition = z.strictObject({ name: name.optional(), ...optional });

export const conditionFilter = z.object({ ...page, search });

export const condition = z
  .object({
    id,
    name: z.string(),
    description: z.string(),
    operator: z.string(),
    conditions: list,
    use_custom_code: z.boolean(),
    custom_code: z.string(),
    language: z.string(),
    created_at: instant,
    updated_at: instant,
    warnings,
  })
  .openapi("Condition");
