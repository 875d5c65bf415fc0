// Wire shapes of reports: what a query may ask for, and the source of their part of the OpenAPI document.
import { z } from "@hono/zod-openapi";
import { REPORTED_STATUSES } from "../../../domain/reporting/outcome.ts";
import { DAY_MS } from "../../../lib/durations.ts";
import { instant, page, paging } from "../schema.ts";
import { fromCursor } from "./convert.ts";

const DATE = z.iso.date();
const DATE_TIME = z.iso.datetime({ offset: true, local: true });

/** Epoch ms of a date or of a date and time; UTC unless it says otherwise. `whole`: a date means all of its day. */
const bound = (whole: boolean) =>
  z
    .string()
    .refine((text) => DATE.safeParse(text).success || DATE_TIME.safeParse(text).success, {
      message: "Must be a date or a date and time in ISO 8601.",
      params: { expected: "2024-01-25 or 2024-01-25T10:15:00Z" },
    })
    .transform((text) => {
      if (DATE.safeParse(text).success) return Date.parse(text) + (whole ? DAY_MS : 0);
      const at = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
      return at + (whole ? 1 : 0);
    })
    .openapi({ type: "string", example: "2024-01-25T10:15:00Z" });

const STATUSES = REPORTED_STATUSES.map((status) => status.toUpperCase());

export const messageStatusQuery = z
  .object({
    campaign_id: z.string().max(200).optional(),
    start_date: bound(false).optional().openapi({ description: "Messages made at this time or later" }),
    end_date: bound(true)
      .optional()
      .openapi({ description: "Messages made at this time or earlier; a date means its whole day" }),
    status: z
      .string()
      .toUpperCase()
      .pipe(z.enum(STATUSES as [string, ...string[]]))
      .transform((status) => status.toLowerCase())
      .optional(),
    cursor: z
      .string()
      .transform((text, issues) => {
        const after = fromCursor(text);
        if (after) return after;
        issues.addIssue({ code: "custom", message: "Must be a next_cursor of an earlier answer." });
        return z.NEVER;
      })
      .optional()
      .openapi({ type: "string", description: "The next_cursor of an earlier answer; wins over page" }),
    ...page,
  })
  .refine(
    (query) => query.start_date === undefined || query.end_date === undefined || query.start_date < query.end_date,
    {
      path: ["end_date"],
      message: "Must not be before start_date.",
    },
  );

const percent = z.number().min(0).max(100);
const count = z.int().min(0);
const code = z.union([z.int(), z.string()]).nullable();

export const messageStatusReport = z
  .object({
    messages: z.array(
      z.object({
        id: z.string(),
        recipient_phone: z.string(),
        campaign_id: z.string().nullable(),
        campaign_name: z.string().nullable(),
        channel: z.string(),
        status: z.string(),
        created_at: instant,
        sent_at: instant.nullable(),
        delivered_at: instant.nullable(),
        delivery_time_seconds: z.number().nullable(),
        held_by: z.string().nullable().openapi({ description: "The gate that holds it back, or has suppressed it" }),
        held_until: instant.nullable(),
        error_code: code,
        error_name: z.string().nullable(),
        error_message: z.string().nullable(),
      }),
    ),
    summary: z.object({
      total_messages: count,
      delivered: count,
      failed: count,
      pending: count,
      not_sent: count.openapi({ description: "Suppressed by a gate, or cancelled" }),
      unknown: count.openapi({ description: "Nobody knows whether they left" }),
      delivery_rate: percent,
    }),
    ...paging,
    next_cursor: z.string().nullable(),
  })
  .openapi("MessageStatusReport");

export const campaignSummary = z
  .object({
    campaign_id: z.string(),
    campaign_name: z.string(),
    campaign_status: z.string(),
    recipients: z.int().nullable(),
    performance_metrics: z.object({
      messages_sent: count,
      messages_delivered: count,
      messages_failed: count,
      messages_pending: count,
      messages_not_sent: count,
      messages_unknown: count,
      delivery_rate: percent,
      average_delivery_time_minutes: z.number(),
    }),
    status_breakdown: z.record(z.string(), count),
    error_analysis: z.record(z.string(), count),
    execution_timeline: z.object({
      started_at: instant.nullable(),
      completed_at: instant.nullable(),
      duration_minutes: z.number(),
    }),
  })
  .openapi("CampaignSummary");
