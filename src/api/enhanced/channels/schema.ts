// Wire shapes of channels. Which settings and credentials a provider takes, the provider says (channels/index.ts).
import { z } from "zod";
import { isPlainText } from "../schema.ts";

const text = (max: number) =>
  z.string().trim().min(1, "May not be blank.").max(max).refine(isPlainText, "Has characters that are not text.");
const fields = z.record(z.string().max(64), z.string());
const rate = z.number().positive().max(10_000).nullable();

export const createChannelBody = z.strictObject({
  name: text(200),
  provider: z.enum(["twilio", "whatsapp_cloud", "smtp"]),
  kind: z.enum(["sms", "whatsapp", "email"]).optional(),
  sender: text(320),
  settings: fields.optional(),
  credentials: fields,
  rate: rate.optional(),
});

export const changeChannelBody = z.strictObject({
  name: text(200).optional(),
  sender: text(320).optional(),
  settings: fields.optional(),
  credentials: fields.optional(),
  rate: rate.optional(),
  status: z.enum(["active", "disabled"]).optional(),
});
