// Wire shapes that every part of the Event Stream API shares, and the source of its OpenAPI document. A part's own shapes are in its folder.
import { z } from "@hono/zod-openapi";

const json: z.ZodType<unknown> = z.unknown().openapi({ description: "Any JSON value" });

/** ISO 8601, UTC. */
export const instant = z.iso.datetime().openapi({ example: "2024-01-25T16:45:00.000Z" });

const integerText = z
  .string()
  .regex(/^\d{1,15}$/, "Must be a whole number from 1.")
  .openapi({ type: "integer", minimum: 1 });

/** Read by api/shared/page.ts; here for the document. */
export const page = {
  page: integerText.optional().openapi({ default: 1 }),
  per_page: integerText.optional().openapi({ default: 20, maximum: 100 }),
};
export const pageQuery = z.object(page);

/** What a list tells of its pages, beside its rows. */
export const paging = { total: z.int(), page: z.int(), per_page: z.int(), pages: z.int() };

const problem = {
  field: z.string(),
  provided: json.optional(),
  expected: z.string().optional(),
};

export const errorAnswer = z
  .object({
    error: z.string().openapi({ example: "validation_error" }),
    message: z.string(),
    field: z.string().optional(),
    details: z
      .looseObject({ ...problem, errors: z.array(z.object({ ...problem, message: z.string() })).optional() })
      .partial()
      .optional(),
    retry_after_seconds: z.int().optional(),
    timestamp: instant,
    request_id: z.string(),
  })
  .openapi("Error");
