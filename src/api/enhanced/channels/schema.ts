// Wire shapes of channels. Which settings and credentials a provider takes, the provider says (channels/index.ts).
import { z } from "@hono/zod-openapi";
import { label } from "../../shared/text.ts";
import { instant, pageQuery, pagination } from "../schema.ts";

const fields = z.record(z.string().max(64), z.string());
const rate = z.number().positive().max(10_000).nullable();

export const createChannelBody = z.strictObject({
  name: label(200),
  provider: z.enum(["twilio", "whatsapp_cloud", "smtp"]),
  kind: z.enum(["sms", "whatsapp", "email"]).optional(),
  sender: label(320),
  settings: fields.optional(),
  credentials: fields,
  rate: rate.optional(),
});

export const changeChannelBody = z.strictObject({
  name: label(200).optional(),
  sender: label(320).optional(),
  settings: fields.optional(),
  credentials: fields.optional(),
  rate: rate.optional(),
  status: z.enum(["active", "disabled"]).optional(),
});

export const listQuery = z.object(pageQuery);

export const channel = z
  .object({
    id: z.string(),
    name: z.string(),
    provider: z.string(),
    kind: z.string(),
    sender: z.string(),
    settings: z.record(z.string(), z.string()),
    credentials: z.record(z.string(), z.string()).openapi({ description: "Which there are; their values are masked" }),
    rate: z.number().nullable(),
    status: z.string(),
    webhookUrls: z
      .object({ inbound: z.string(), status: z.string() })
      .nullable()
      .openapi({ description: "What to enter at the provider" }),
    verifiedAt: instant.nullable(),
    createdBy: z.string(),
    createdAt: instant,
    updatedAt: instant,
  })
  .openapi("Channel");
export const channels = z.object({ channels: z.array(channel), pagination });
export const oneChannel = z.object({ channel });
export const deletedChannel = z.object({ success: z.literal(true), channel });
export const verified = z.object({ verified: z.boolean(), reason: z.string().nullable().optional(), channel });
