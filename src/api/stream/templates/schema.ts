// Wire shapes of templates: what comes in is judged here, and the source of their part of the OpenAPI document.
import { z } from "@hono/zod-openapi";
import { isProse } from "../../../lib/plain-text.ts";
import { label } from "../../shared/text.ts";
import { instant, paging } from "../schema.ts";

const id = z.string().openapi({ example: "01912f5e-7a3b-7c41-9d0e-3f5b8a2c4d6e" });

const name = label(200);
const content = z
  .string()
  .refine((text) => text.trim() !== "", "May not be blank.")
  .refine(isProse, "Has characters that are not text.")
  .openapi({ example: "Hi {name}! Welcome to {company|our service}." });
const variables = z
  .array(z.string().max(64))
  .max(100)
  .openapi({ example: ["name", "company"] });
/** Twilio's id of a content template. */
const contentSid = z
  .string()
  .regex(/^H[A-Za-z][0-9a-fA-F]{32}$/, "Must be the id of a content template, HX and 32 hex digits.")
  .nullable();

export const createTemplateBody = z.strictObject({
  name,
  content,
  variables: variables.optional(),
  content_sid: contentSid.optional(),
  is_active: z.boolean().optional(),
});

export const updateTemplateBody = createTemplateBody.partial();

export const template = z
  .object({
    id,
    name: z.string(),
    content: z.string(),
    variables: z.array(z.string()),
    character_count: z.int(),
    created_at: instant,
    updated_at: instant,
    is_active: z.boolean(),
    content_sid: z.string().nullable(),
  })
  .openapi("Template");

export const writtenTemplate = template.extend({ message: z.string() });
export const templateList = z.object({ templates: z.array(template), ...paging });
export const deletedTemplate = z.object({ message: z.string(), id });
