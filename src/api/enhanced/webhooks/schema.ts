// Wire shapes of webhook endpoints. Outgoing webhooks are send-schema.ts.
import { z } from "@hono/zod-openapi";
import { REFUSAL_REASONS } from "../../../domain/webhook/tally.ts";
import type { Json } from "../../../lib/json.ts";
import { anyJson } from "../../shared/any-json.ts";
import { label, prose } from "../../shared/text.ts";
import { count, instant, pageQuery, pagination, percent } from "../schema.ts";

export const name = label(200);
const json = anyJson as z.ZodType<Json>;
const MAX_ORIGINS = 50;
const MAX_CALLS_A_MINUTE = 100_000;

const payloadTransform = z
  .strictObject({ language: z.enum(["jsonata"]).default("jsonata"), expression: z.string().min(1).max(10_000) })
  .openapi("PayloadTransform");

/** Judged by the one checker of conditions. */
export const filterCondition = z
  .looseObject({ field: z.string().optional(), operator: z.string().optional(), value: json.optional() })
  .openapi("FilterCondition", {
    description: "`{field, operator, value}` over the payload, or a nested `{operator: and | or, conditions: […]}`",
  });

/** Common to a body of …/webhooks and to `webhookConfig` of a trigger. */
export const webhookSettings = {
  description: prose(2_000).optional(),
  enabled: z.boolean().optional(),
  allowedOrigins: z.array(z.string().max(300)).max(MAX_ORIGINS).optional(),
  rateLimit: z
    .int()
    .min(1)
    .max(MAX_CALLS_A_MINUTE)
    .optional()
    .openapi({ description: "Calls a minute; 60 when absent" }),
  transformPayload: payloadTransform.nullable().optional(),
  filterConditions: z
    .union([z.array(filterCondition), filterCondition])
    .nullable()
    .optional(),
};

export const createWebhookBody = z.strictObject({
  name,
  workflowId: z.string().min(1).max(100).nullish(),
  ...webhookSettings,
});
export const updateWebhookBody = z
  .strictObject({
    name: name.optional(),
    workflowId: z.string().max(100).nullable().optional().openapi({ description: "Only the one that it has" }),
    ...webhookSettings,
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), "Must name at least one field.");

const DAY_SECONDS = 86_400;
const WEEK_SECONDS = 7 * DAY_SECONDS;
export const rotateSecretBody = z.strictObject({
  overlapSeconds: z
    .int()
    .min(0)
    .max(WEEK_SECONDS)
    .default(DAY_SECONDS)
    .openapi({ description: "How long the old secret stays good beside the new one" }),
});

const MAX_HEADERS = 50;
export const testWebhookBody = z.strictObject({
  payload: z.record(z.string(), json),
  headers: z
    .record(z.string().max(200), z.string().max(8_000))
    .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, `At most ${MAX_HEADERS} headers.`)
    .default({}),
});

export const webhookQuery = z.object({
  workflowId: z.string().max(100).optional(),
  ...pageQuery,
});

const refused = z.partialRecord(z.enum(REFUSAL_REASONS), count);

export const webhook = z
  .object({
    id: z.string(),
    /** The same: what …/receive/{endpointId} names. */
    endpointId: z.string(),
    name: z.string(),
    description: z.string(),
    workflowId: z.string().nullable(),
    triggerId: z.string().nullable(),
    api: z.enum(["core", "enhanced"]).openapi({ description: "Where it was made, and is changed" }),
    endpointUrl: z.string(),
    enabled: z.boolean(),
    allowedOrigins: z.array(z.string()),
    rateLimit: z.number().openapi({ description: "Calls a minute" }),
    transformPayload: payloadTransform.nullable(),
    filterConditions: z.array(filterCondition),
    previousSecretValidUntil: instant.nullable(),
    statistics: z.object({
      received: count,
      accepted: count,
      duplicates: count,
      filtered: count,
      refused: count,
      refusedByReason: refused,
      successRate: percent.nullable(),
      lastReceivedAt: instant.nullable(),
      lastAcceptedAt: instant.nullable(),
      lastRefusal: z.object({ at: instant, reason: z.enum(REFUSAL_REASONS), message: z.string() }).nullable(),
    }),
    createdAt: instant,
    updatedAt: instant,
  })
  .openapi("WorkflowWebhook");

const webhookStatistics = z
  .object({
    totalWebhooks: count,
    activeWebhooks: count,
    received: count,
    accepted: count,
    duplicates: count,
    filtered: count,
    refused: count,
    refusedByReason: refused,
    successRate: percent.nullable(),
    lastReceivedAt: instant.nullable(),
  })
  .openapi("WebhookStatistics");

export const webhookList = z
  .object({ webhooks: z.array(webhook), statistics: webhookStatistics, pagination })
  .openapi("WebhookListResponse");
export const oneWebhook = z.object({ webhook }).openapi("WebhookResponse");
export const deletedWebhook = z.object({ success: z.literal(true), webhook }).openapi("DeleteWebhookResponse");

const testInstructions = z
  .object({
    method: z.literal("POST"),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    samplePayload: z.record(z.string(), json),
    signing: z.array(z.object({ scheme: z.string(), headers: z.array(z.string()), description: z.string() })),
    curl: z.string(),
    testUrl: z.string(),
  })
  .openapi("WebhookTestInfo");

export const createdWebhook = z
  .object({
    webhook,
    endpointUrl: z.string(),
    secretKey: z.string().openapi({ description: "Shown once" }),
    testInstructions,
  })
  .openapi("CreateWebhookResponse");

export const rotatedSecret = z
  .object({
    webhook,
    secretKey: z.string().openapi({ description: "Shown once" }),
    previousSecretValidUntil: instant.nullable(),
  })
  .openapi("RotateSecretResponse");

export const testedWebhook = z
  .object({
    success: z.boolean(),
    processedPayload: z.record(z.string(), json),
    triggeredWorkflows: z.array(z.string()),
    logs: z.array(
      z
        .object({
          timestamp: instant,
          level: z.enum(["info", "warning", "error"]),
          step: z.string(),
          message: z.string(),
        })
        .openapi("WebhookLog"),
    ),
  })
  .openapi("TestWebhookResponse");

/** Any JSON; what is no object becomes `{body: …}`. */
export const receivedPayload = z.looseObject({}).openapi("WebhookReceiveRequest");

export const receivedWebhook = z
  .object({
    success: z.literal(true),
    workflowsTriggered: z.array(z.string()).openapi({ description: "Ids of the workflows that start" }),
    processingTime: z.number().min(0).openapi({ description: "Milliseconds" }),
    executionIds: z.array(z.string()),
    eventId: z.string().nullable(),
    duplicate: z.boolean(),
    filtered: z.boolean(),
  })
  .openapi("WebhookReceiveResponse");
