// Wire shapes of monitoring: what a query may ask for, and the source of their part of the OpenAPI document.
import { z } from "@hono/zod-openapi";
import { MAX_INBOUND_EVENTS, MAX_INBOUND_HOURS } from "../../../domain/monitoring/inbound.ts";
import { instant } from "../schema.ts";

const whole = (max: number, fallback: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= max, {
      message: `Must be a whole number from 1 to ${max}.`,
      params: { expected: `1 to ${max}` },
    })
    .transform(Number)
    .default(fallback)
    .openapi({ type: "integer", minimum: 1, maximum: max, default: fallback });

export const inboundQuery = z.object({
  hours: whole(MAX_INBOUND_HOURS, 24),
  limit: whole(MAX_INBOUND_EVENTS, 100),
});

const count = z.int().min(0);
const percent = z.number().min(0).max(100);

export const dashboard = z
  .object({
    system_health: z.object({
      active_campaigns: count,
      total_users: count,
      opted_in_users: count,
      opted_out_users: count,
    }),
    activity_24h: z.object({
      messages_sent: count,
      messages_delivered: count,
      messages_failed: count,
      inbound_messages: count,
      delivery_rate: percent,
      since: instant,
    }),
    performance_metrics: z.object({
      average_delivery_time_minutes: z.number(),
      system_uptime_hours: z.number(),
      error_rate_percent: percent,
    }),
    recent_errors: z.array(
      z.object({
        timestamp: instant,
        error_code: z.union([z.int(), z.string()]).nullable(),
        error_name: z.string(),
        message: z.string(),
        count,
      }),
    ),
  })
  .openapi("Dashboard");

export const inboundReport = z
  .object({
    inbound_events: z.array(
      z.object({
        id: z.string(),
        from_phone: z.string(),
        to_phone: z.string(),
        body: z.string(),
        channel: z.string(),
        command: z.string().nullable().openapi({ description: "opt_out, opt_in or help" }),
        received_at: instant,
        message_sid: z.string().nullable(),
      }),
    ),
    summary: z.object({
      total_inbound_24h: count,
      total_inbound: count,
      unique_senders: count,
      average_per_hour: z.number(),
      stop_commands: count,
      hours: count,
      since: instant,
    }),
  })
  .openapi("InboundReport");
