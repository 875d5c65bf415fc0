// Wire shapes of campaigns: what comes in is judged here, and the source of their part of the OpenAPI document.
import { z } from "@hono/zod-openapi";
import { CAMPAIGN_STATUSES, MAX_RATE } from "../../../domain/campaign/campaign.ts";
import { label, prose } from "../../shared/text.ts";
import { instant, page, paging } from "../schema.ts";

const STATUSES = CAMPAIGN_STATUSES.map((status) => status.toUpperCase()) as Uppercase<
  (typeof CAMPAIGN_STATUSES)[number]
>[];
const status = z.enum(STATUSES);

const id = z.string().openapi({ example: "550e8400-e29b-41d4-a716-446655440000" });
const name = label(200);
const description = prose(2_000)
  // Null says that there is none.
  .nullable()
  .transform((text) => text ?? "");
const reference = z.string().min(1, "May not be blank.").max(200);

/** With its offset: a time of nowhere in particular is no time. */
const scheduleTime = z.iso
  .datetime({ offset: true, error: "Must be an ISO 8601 date-time with an offset." })
  .transform((text) => Date.parse(text))
  .refine((at) => Number.isFinite(at) && at < 253_402_300_800_000, "Must be a time before the year 10000.")
  .openapi({ type: "string", format: "date-time", example: "2024-03-15T09:00:00Z" });
const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Must be a time of day, HH:MM.")
  .openapi({ example: "22:00" });

export const createCampaignBody = z.strictObject({
  name,
  description: description.optional(),
  template_id: reference,
  segment_id: reference,
  channel: z.string().min(1).max(200).nullable().optional(),
  schedule_time: scheduleTime.nullable().optional(),
  rate_limit_per_second: z
    .int()
    .min(1, "Must be at least 1.")
    .max(MAX_RATE, `Must be at most ${MAX_RATE}.`)
    .nullable()
    .optional(),
  quiet_hours_start: clock.nullable().optional(),
  quiet_hours_end: clock.nullable().optional(),
  on_unknown: z.enum(["park", "resend"]).optional().openapi({
    description:
      "What becomes of a message of which nobody knows whether it left and of which the provider has no trace",
  }),
});
export const updateCampaignBody = createCampaignBody.partial();

export const listCampaignsQuery = z.object({ ...page, status: z.string().toUpperCase().pipe(status).optional() });

export const campaign = z
  .object({
    id,
    name: z.string(),
    description: z.string(),
    status,
    created_at: instant,
    updated_at: instant,
    schedule_time: instant.nullable(),
    started_at: instant.nullable(),
    completed_at: instant.nullable(),
    template: z.object({ id: z.string(), name: z.string(), content: z.string() }).nullable(),
    segment: z.object({ id: z.string(), name: z.string() }).nullable(),
    recipients: z.int().nullable(),
    messages_sent: z.int(),
    messages_failed: z.int(),
    messages_unknown: z.int(),
    rate_limit_per_second: z.int().nullable(),
    quiet_hours_start: z.string().nullable(),
    quiet_hours_end: z.string().nullable(),
    channel: z.string().nullable(),
    on_unknown: z.enum(["park", "resend"]),
    error: z.string().nullable(),
  })
  .openapi("Campaign");

export const writtenCampaign = campaign.extend({ message: z.string() });
export const campaignList = z.object({ campaigns: z.array(campaign), ...paging });
export const deletedCampaign = z.object({ message: z.string(), campaign_id: id });
export const triggeredCampaign = z.object({
  message: z.string(),
  campaign_id: id,
  estimated_recipients: z.int(),
  execution_started: z.boolean(),
});
export const movedCampaign = z.object({ message: z.string(), campaign_id: id, status });
