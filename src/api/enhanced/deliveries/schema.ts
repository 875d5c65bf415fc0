// Wire shapes of outgoing webhooks.
import { z } from "@hono/zod-openapi";
import {
  DEFAULT_TIMEOUT_MS,
  DELIVERY_METHODS,
  DELIVERY_STATUSES,
  MAX_ATTEMPTS,
  MAX_BACKOFF_MS,
  MAX_TIMEOUT_MS,
} from "../../../domain/delivery/delivery.ts";
import { anyJson } from "../../shared/any-json.ts";
import { instant, ms, pageQuery, pagination } from "../schema.ts";

const json = anyJson;

const retryConfig = z
  .strictObject({
    maxAttempts: z.int().min(1).max(MAX_ATTEMPTS),
    backoffMs: z.int().min(0).max(MAX_BACKOFF_MS),
    multiplier: z.number().min(1).max(10).default(1),
  })
  .openapi("RetryConfig");

const MAX_HEADERS = 50;

export const sendBody = z.strictObject({
  url: z.string().min(1).max(2_048),
  method: z.enum(DELIVERY_METHODS),
  headers: z
    .record(z.string().min(1).max(200), z.string().max(8_000))
    .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, `At most ${MAX_HEADERS} headers.`)
    .default({}),
  payload: z.record(z.string(), json).optional().openapi({ description: "As JSON in the body; of a GET in the query" }),
  timeout: z
    .int()
    .min(1)
    .max(MAX_TIMEOUT_MS)
    .default(DEFAULT_TIMEOUT_MS)
    .openapi({ description: "Milliseconds, for one attempt" }),
  retryConfig: retryConfig
    .default({ maxAttempts: 1, backoffMs: 0, multiplier: 1 })
    .openapi({ description: "One attempt when absent" }),
});

const attempt = z
  .object({
    attempt: z.int(),
    startedAt: instant,
    durationMs: ms,
    responseStatus: z.int().nullable(),
    responseBody: z.string().openapi({ description: "Its beginning" }),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .openapi("WebhookAttempt");

export const sent = z
  .object({
    success: z.boolean().openapi({ description: "The receiver answered 2xx" }),
    responseStatus: z.int().openapi({ description: "Of the last attempt; 0 when nobody answered" }),
    responseBody: json,
    timing: z
      .object({
        startedAt: instant,
        completedAt: instant.nullable(),
        durationMs: ms.openapi({ description: "From the first attempt to the end, or until now" }),
        requestMs: ms.openapi({ description: "Of it, spent in attempts" }),
        attempts: z.int(),
      })
      .openapi("WebhookTiming"),
    deliveryId: z.string(),
    messageId: z.string(),
    status: z.enum(DELIVERY_STATUSES).openapi({ description: "pending: retries go on without the caller" }),
    attempts: z.array(attempt),
    nextAttemptAt: instant.nullable(),
  })
  .openapi("SendWebhookResponse");

export const delivery = z
  .object({
    id: z.string(),
    url: z.string().openapi({ description: "Without what may be a secret" }),
    method: z.enum(DELIVERY_METHODS),
    headers: z.record(z.string(), json),
    messageId: z.string(),
    replayOf: z.string().nullable(),
    status: z.enum(DELIVERY_STATUSES),
    success: z.boolean(),
    responseStatus: z.int().nullable(),
    attempts: z.array(attempt),
    attemptCount: z.int(),
    maxAttempts: z.int(),
    nextAttemptAt: instant.nullable(),
    createdBy: z.string(),
    createdAt: instant,
    completedAt: instant.nullable(),
  })
  .openapi("WebhookDelivery");

export const deliveryQuery = z.object({
  status: z.enum(DELIVERY_STATUSES).optional(),
  ...pageQuery,
});
export const deliveryList = z.object({ deliveries: z.array(delivery), pagination }).openapi("DeliveryListResponse");
export const oneDelivery = z.object({ delivery }).openapi("DeliveryResponse");

export const signingSecret = z
  .object({
    secretKey: z
      .string()
      .openapi({ description: "`whsec_` and base64: what a receiver's Standard Webhooks library takes" }),
    previousSecretKey: z.string().nullable(),
    previousSecretValidUntil: instant.nullable(),
    createdAt: instant,
  })
  .openapi("SigningSecretResponse");
