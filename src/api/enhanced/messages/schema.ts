// Wire shapes of messages, their gates and the messaging policy.
import { z } from "@hono/zod-openapi";
import { anyJson } from "../../shared/any-json.ts";
import { instant, pageQuery, pagination } from "../schema.ts";

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Must be HH:MM.");

export const messageQuery = z.object({
  ...pageQuery,
  direction: z.enum(["inbound", "outbound"]).optional(),
  status: z
    .enum([
      ...(["scheduled", "accepted", "queued", "sending", "sent", "canceled", "failed", "undelivered"] as const),
      ...(["delivered", "read", "received"] as const),
    ])
    .optional(),
  outcome: z.enum(["unknown", "held", "suppressed"]).optional(),
  contactId: z.string().max(100).optional(),
  conversationId: z.string().max(100).optional(),
  channelId: z.string().max(100).optional(),
});

/** `language` where the template's name alone does not say it. */
export const templateUse = z.strictObject({
  id: z.string().min(1).max(512),
  language: z.string().min(2).max(16).optional(),
  variables: z.record(z.string().max(64), z.string().max(1_024)).optional(),
});

export const canSendBody = z.strictObject({
  /** A contact's id, number in E.164, mail address or external id. */
  to: z.string().min(1).max(320),
  channel: z.string().min(1).max(64).optional(),
  /** Empty or absent: the template alone. */
  text: z.string().max(65_536).optional(),
  template: templateUse.optional(),
});

export const policyBody = z.strictObject({
  quietHours: z.strictObject({ start: clock, end: clock }).nullable(),
  frequencyCap: z
    .strictObject({
      max: z.int().min(1).max(10_000),
      windowSeconds: z
        .int()
        .min(60)
        .max(31 * 86_400),
    })
    .nullable(),
  timezone: z.string().min(1).max(64),
});

const failure = z.object({ code: z.string(), name: z.string().nullable(), message: z.string().nullable() }).nullable();

export const message = z
  .object({
    id: z.string(),
    direction: z.enum(["inbound", "outbound"]),
    contactId: z.string(),
    conversationId: z.string().nullable(),
    channel: z.string(),
    channelId: z.string().nullable(),
    sender: z.string(),
    recipient: z.string(),
    text: z.string(),
    content: anyJson,
    status: z.string(),
    outcome: z.string().nullable(),
    providerId: z.string().nullable(),
    executionId: z.string().nullable(),
    campaignId: z.string().nullable(),
    segments: z.int().nullable(),
    error: failure,
    conflict: z.object({ status: z.string(), errorCode: z.string().nullable(), at: instant }).nullable(),
    holdUntil: instant.nullable(),
    createdAt: instant,
    updatedAt: instant,
    sentAt: instant.nullable(),
    deliveredAt: instant.nullable(),
  })
  .openapi("Message");
export const messages = z.object({ messages: z.array(message), pagination });
export const oneMessage = z.object({ message });

const report = {
  passed: z.boolean(),
  failed: z.string().nullable(),
  earliestAt: instant.nullable(),
  gates: z.array(
    z.object({ gate: z.string(), passed: z.boolean(), reason: z.string(), earliestAt: instant.nullable().optional() }),
  ),
};
export const gates = z
  .object({
    messageId: z.string(),
    status: z.string(),
    outcome: z.string().nullable(),
    answer: z.string(),
    ...report,
    error: failure,
  })
  .openapi("MessageGates");
export const sendable = z.looseObject({ canSend: z.boolean(), useTemplate: z.boolean(), ...report }).openapi("CanSend");
export const policy = policyBody.openapi("MessagingPolicy");
