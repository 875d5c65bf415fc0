// Wire shapes that every part of the Marketing API shares, and the source of its OpenAPI document. A part's own shapes are in its folder.
import { z } from "@hono/zod-openapi";

/** ISO 8601, UTC. */
export const instant = z.iso.datetime().openapi({ example: "2024-01-01T10:00:00.000Z" });

export const id = z.string().openapi({ example: "01912f5e-7a3b-7c41-9d0e-3f5b8a2c4d6e" });

const integerText = z
  .string()
  .regex(/^\d{1,15}$/, "Must be a whole number from 1.")
  .openapi({ type: "integer", minimum: 1 });

/** Read by api/shared/page.ts; here for the document. */
export const page = {
  page: integerText.optional().openapi({ default: 1 }),
  page_size: integerText.optional().openapi({ default: 20, maximum: 100 }),
};

/** A list, one page at a time. */
export const pageOf = <T extends z.ZodType>(row: T) =>
  z.object({
    count: z.int(),
    next: z.string().nullable().openapi({ description: "Absolute URL of the next page" }),
    previous: z.string().nullable(),
    results: z.array(row),
  });

export const errorAnswer = z
  .looseObject({
    detail: z.string().optional(),
    error: z.string().optional(),
  })
  .openapi("Error", {
    description: "{error, detail}; {detail} for callers that are not known; {field: [messages]} for what was sent",
  });

export const openApi = z.looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) });
