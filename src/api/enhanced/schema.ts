// Wire shapes that every part of this API shares. A part's own shapes are in its folder.
import { z } from "@hono/zod-openapi";
import { anyJson } from "../shared/any-json.ts";

/** ISO 8601, UTC. */
export const instant = z.iso.datetime();

/** A date, or a date-time with its offset, as it was sent. */
export const dateOrTime = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: "Must be an ISO 8601 date or date-time with an offset.",
});
/** The same in epoch ms; a date alone is its midnight in UTC. */
export const moment = dateOrTime.transform((text) => Date.parse(text));

export const count = z.int().min(0);
/** Milliseconds. */
export const ms = z.number().min(0);
/** 0 to 100. */
export const percent = z.number().min(0).max(100);

/** In a query. */
export const truth = z.enum(["true", "false"]).transform((value) => value === "true");

const wholeText = z
  .string()
  .regex(/^\d{1,15}$/, "Must be a whole number from 1.")
  .openapi({ type: "integer", minimum: 1 });

/** Read by api/shared/page.ts; here for the document. */
export const pageQuery = {
  page: wholeText.optional().openapi({ default: 1 }),
  limit: wholeText.optional().openapi({ default: 20, maximum: 100 }),
};

/** ApiErrorResponse of the document. */
export const errorAnswer = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      details: z.record(z.string(), anyJson).optional(),
      timestamp: instant,
      requestId: z.string(),
    }),
    validation: z.array(z.object({ field: z.string(), message: z.string(), code: z.string() })).optional(),
  })
  .openapi("ApiErrorResponse");

/** PaginationInfo of the document. */
export const pagination = z.object({ total: z.int(), page: z.int(), limit: z.int(), totalPages: z.int() });
