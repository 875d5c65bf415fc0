// Wire shapes of segments: what comes in is judged here, and the source of their part of the OpenAPI document.
import { z } from "@hono/zod-openapi";
import type { JsonObject } from "../../../lib/json.ts";
import { label, prose } from "../../shared/text.ts";
import { instant, paging } from "../schema.ts";
import { checkCriteria } from "./criteria.ts";

const id = z.string().openapi({ example: "01912f5e-7a3b-7c41-9d0e-3f5b8a2c4d6e" });

const name = label(200);
const description = prose(2_000)
  // Null says that there is none.
  .nullable()
  .transform((text) => text ?? "");

const shown = {
  type: "object" as const,
  description:
    "One condition {attribute, operator, value}, or {operator: AND | OR | NOT, conditions}, nested. Operators: equals, not_equals, contains, in, greater_than, less_than, before, after, exists.",
  example: { operator: "AND", conditions: [{ attribute: "city", operator: "equals", value: "San Francisco" }] },
};

const keyOf = (segment: string): string | number => (/^\d+$/.test(segment) ? Number(segment) : segment);

/** Parses to our tree and what was sent. */
const filterCriteria = z
  .unknown()
  .transform((criteria, context) => {
    if (criteria === undefined) {
      context.addIssue({ code: "custom", message: "This field is required." });
      return z.NEVER;
    }
    const checked = checkCriteria(criteria);
    if (checked.ok) return { condition: checked.value, criteria: criteria as JsonObject };
    for (const { path, message } of checked.error) {
      context.addIssue({ code: "custom", message, path: path === "" ? [] : path.split(".").map(keyOf) });
    }
    return z.NEVER;
  })
  .openapi(shown);

export const createSegmentBody = z.strictObject({
  name,
  description: description.optional(),
  filter_criteria: filterCriteria,
});

export const updateSegmentBody = z.strictObject({
  name: name.optional(),
  description: description.optional(),
  filter_criteria: filterCriteria.optional(),
});

export const segment = z
  .object({
    id,
    name: z.string(),
    description: z.string(),
    filter_criteria: z.looseObject({}).openapi(shown),
    estimated_audience_size: z.int(),
    /** When the size was measured. */
    evaluated_at: instant,
    created_at: instant,
    updated_at: instant,
  })
  .openapi("Segment");

export const writtenSegment = segment.extend({ message: z.string() });
export const segmentList = z.object({ segments: z.array(segment), ...paging });
export const deletedSegment = z.object({ message: z.string(), id });

export const evaluation = z.object({
  segment_id: id,
  matching_users: z.int(),
  sample_users: z.array(z.string()),
  evaluation_time_ms: z.number(),
});
