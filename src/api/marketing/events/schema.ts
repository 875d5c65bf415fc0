// Wire shapes of events and their log, and the source of their part of the OpenAPI document.
import { z } from "@hono/zod-openapi";
import { isJsonObject, type JsonObject } from "../../../lib/json.ts";
import { id, instant, page, pageOf } from "../schema.ts";

const object = z.custom<JsonObject>(isJsonObject, "Must be an object.").openapi({ type: "object" });

/** An id of another system: text, or a number that is written as one. */
const foreignId = z
  .union([z.string(), z.int()])
  .transform(String)
  .pipe(z.string().max(200))
  .openapi({ type: "string" });

export const eventBody = z.object({
  event_type: z.string().min(1, "This field may not be blank.").max(100).openapi({ example: "MESSAGE_RECEIVED" }),
  data: object.nullish().openapi({ example: { message_id: "msg-123", content: "Do you have a coupon?" } }),
  user_id: foreignId.nullish().openapi({ example: "customer-123", description: "Your own id of the user" }),
  conversation_id: foreignId.nullish().openapi({ example: "conv-456" }),
  user: object.nullish().openapi({
    description: "What you know of the user: email, phone, tags, and any fields, which are read as user.<field>",
    example: { first_name: "John", email: "john@example.com", tags: ["premium"] },
  }),
});

export const accepted = z.object({ success: z.boolean(), event_log_id: id, message: z.string() });

const text = z.string().max(200);
export const logQuery = z.object({
  ...page,
  event_type: text.optional(),
  user_id: text.optional(),
  conversation_id: text.optional(),
});

export const workflowEventQuery = z.object(page);

const nullable = z.string().nullable();

export const eventLog = z
  .object({
    id,
    event_type: z.string(),
    user_id: nullable,
    conversation_id: nullable,
    event_data: z.looseObject({}),
    source: z.string(),
    status: z.enum(["QUEUED", "PROCESSED"]),
    processed: z.boolean(),
    depth: z.int().openapi({ description: "Events that led to this one" }),
    message: nullable.openapi({ description: "Why not everybody who listens was asked or started" }),
    warnings: z.array(z.object({ field: z.string(), message: z.string() })),
    matched_workflows: z.array(
      z.object({ workflow_id: id, workflow_name: nullable, execution_id: id }).openapi("MatchedWorkflow"),
    ),
    unmatched_workflows: z.array(
      z
        .object({
          workflow_id: id,
          workflow_name: nullable,
          trigger_id: nullable,
          trigger_name: nullable,
          reason: z.string(),
          failed_condition: z
            .object({
              path: z.string(),
              field: z.string(),
              operator: z.string(),
              value: z.unknown(),
              actual: z.unknown(),
            })
            .nullable()
            .openapi({ description: "The first condition that did not hold" }),
        })
        .openapi("UnmatchedWorkflow"),
    ),
    created_at: instant,
  })
  .openapi("EventLog");
export const eventLogList = pageOf(eventLog);
