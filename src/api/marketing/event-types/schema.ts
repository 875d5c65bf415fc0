// Wire shapes of event types, and the source of their part of the OpenAPI document.
import { z } from "@hono/zod-openapi";
import { isJsonObject } from "../../../lib/json.ts";
import { description, id, instant, name, page, search } from "../schema.ts";

/** What triggers and process_event call it: as the triggers' own schema has it (triggers/trigger-event.ts). */
const code = z
  .string()
  .regex(/^[A-Za-z][\w.:-]{0,99}$/, "Use letters, digits and _ . : - with a letter first, at most 100.")
  .openapi({ example: "ORDER_PAID" });
const category = z.string().trim().max(100);
const fields = z
  .custom<{ [field: string]: string }>(
    (value) => isJsonObject(value) && Object.values(value).every((kind) => typeof kind === "string"),
    "Must be an object that gives each field's type as text.",
  )
  .refine((value) => Object.keys(value ?? {}).length <= 200, "Must have at most 200 fields.")
  .openapi({ type: "object", additionalProperties: { type: "string" }, example: { amount: "number" } });

const optional = {
  description: description.optional(),
  category: category.optional(),
  available_fields: fields.optional(),
  is_active: z.boolean().optional(),
};
export const newEventType = z.strictObject({ name, code, ...optional });
/** The code stays: it may be repeated, and need not be. */
export const fullEventType = z.strictObject({ name, code: code.optional(), ...optional });
export const someEventType = z.strictObject({ name: name.optional(), code: code.optional(), ...optional });

export const eventTypeFilter = z.object({ ...page, category: z.string().optional(), search });

export const eventType = z
  .object({
    id,
    name: z.string(),
    code: z.string(),
    category: z.string(),
    description: z.string(),
    available_fields: z.record(z.string(), z.string()),
    is_active: z.boolean(),
    is_built_in: z.boolean(),
    created_at: instant.nullable(),
    updated_at: instant.nullable(),
  })
  .openapi("EventType");
