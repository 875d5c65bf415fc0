// Wire shapes of messages, their gates and the messaging policy.
import { z } from "zod";

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Must be HH:MM.");

export const messageQuery = z.object({
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
