// Wire shapes that every part of the Marketing API shares, and the source of its OpenAPI document. A part's own shapes are in its folder.
import { z } from "@hono/zod-openapi";
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import { label, prose } from "../shared/text.ts";

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

export const name = label(200, "This field may not be blank.");

/** Null says that there is none. */
export const description = prose(2_000)
  .nullable()
  .transform((text) => text ?? "");

/** An id inside a body; one that nobody has is 404. */
export const reference = z.string().min(1, "This field may not be blank.").max(200);

/** Any JSON object; what may be in it is judged by what it is for. */
export const jsonObject = z
  .custom<JsonObject>(isJsonObject, {
    error: ({ input }) => (input === undefined ? "This field is required." : "Must be an object."),
  })
  .openapi({ type: "object", additionalProperties: true });

const object = z.custom<JsonObject>(isJsonObject, "Must be an object.").openapi({ type: "object" });

/** What a trigger or an action is tried out on; other roots pass. */
export const tryBody = z.strictObject({
  context: z
    .looseObject({
      event: z.looseObject({ data: object.nullish() }).nullish(),
      user: object.nullish(),
      variables: object.nullish(),
    })
    .nullish(),
});

/** As the engine's finding names it, judged when it is saved. */
export const tree = z
  .custom<Json>((value) => isJsonObject(value) || Array.isArray(value), "Must be an object or a list.")
  .openapi({
    type: "object",
    description: "A tree {operator: and | or, conditions: [...]} of conditions {field, operator, value}",
    example: {
      operator: "or",
      conditions: [{ field: "event.data.content", operator: "icontains", value: "coupon" }],
    },
  });

export const search = z.string().max(200).optional().openapi({ description: "In name and description" });

export const truth = z
  .string()
  .refine((text) => /^(true|false|1|0)$/i.test(text), "Must be true or false.")
  .transform((text) => /^(true|1)$/i.test(text))
  .openapi({ type: "boolean" });

/** What was saved all the same. */
export const warnings = z
  .array(z.object({ field: z.string(), message: z.string(), line: z.int().optional() }))
  .optional();

export const errorAnswer = z
  .looseObject({
    detail: z.string().optional(),
    error: z.string().optional(),
  })
  .openapi("Error", {
    description: "{error, detail}; {detail} for callers that are not known; {field: [messages]} for what was sent",
  });

/** No body. */
export const nothing = z.undefined().openapi({ type: "null" });
