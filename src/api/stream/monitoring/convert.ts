// The only place where the wire names of monitoring meet ours.
import type { Dashboard } from "../../../domain/monitoring/dashboard.ts";
import type { InboundReport } from "../../../domain/monitoring/inbound.ts";
import { errorCode, errorKey, errorText } from "../../../domain/reporting/error-name.ts";
import { mean, percent } from "../../../domain/reporting/outcome.ts";
import { HOUR_MS } from "../../../lib/durations.ts";
import { toHundredths } from "../../../lib/round.ts";
import { instant, minutes } from "../convert.ts";

export const toDashboard = ({ people, activity, since, errors, uptimeMs }: Dashboard) => ({
  system_health: {
    active_campaigns: people.activeCampaigns,
    total_users: people.total,
    opted_in_users: people.optedIn,
    opted_out_users: people.optedOut,
  },
  activity_24h: {
    messages_sent: activity.sent,
    messages_delivered: activity.delivered,
    messages_failed: activity.failed,
    inbound_messages: activity.inbound,
    delivery_rate: percent(activity.delivered, activity.sent),
    since: instant(since),
  },
  performance_metrics: {
    average_delivery_time_minutes: minutes(mean(activity)),
    system_uptime_hours: Math.round((uptimeMs / HOUR_MS) * 1_000) / 1_000,
    // Failures without any acceptance are not nothing.
    error_rate_percent: percent(activity.failed, activity.sent || activity.failed),
  },
  recent_errors: errors.map((error) => ({
    timestamp: instant(error.lastAt),
    error_code: error.code === "" ? null : errorCode(error.code),
    error_name: errorKey(error),
    message: errorText(error),
    count: error.n,
  })),
});

export const toInboundReport = ({ rows, activity, ofLastDay, since }: InboundReport, hours: number) => ({
  inbound_events: rows.map((row) => ({
    id: row.id,
    from_phone: row.phone,
    to_phone: row.recipient,
    body: row.body,
    channel: row.channel,
    command: row.consent,
    received_at: instant(row.receivedAt),
    message_sid: row.providerId,
  })),
  summary: {
    total_inbound_24h: ofLastDay,
    total_inbound: activity.inbound,
    unique_senders: activity.senders,
    average_per_hour: toHundredths(activity.inbound / hours),
    stop_commands: activity.optOuts,
    hours,
    since: instant(since),
  },
});
