// The only place where the wire names of reports meet ours.
import type { CampaignSummary } from "../../../domain/reporting/campaign-summary.ts";
import { errorCode, errorKey } from "../../../domain/reporting/error-name.ts";
import { percent } from "../../../domain/reporting/outcome.ts";
import type { After, MessageReport, MessageReportRow } from "../../../domain/reporting/report-messages.ts";
import type { Page } from "../../shared/page.ts";
import { instant, instantOrNull, minutes, toPaging } from "../convert.ts";

const seconds = (ms: number): number => Math.round(ms) / 1000;

const toCursor = ({ at, id }: After): string => `${at.toString(36)}.${id}`;

/** Undefined for a text that is none. */
export const fromCursor = (text: string): After | undefined => {
  const match = /^([0-9a-z]{1,11})\.([\w-]{1,100})$/.exec(text);
  return match ? { at: Number.parseInt(match[1]!, 36), id: match[2]! } : undefined;
};

const toMessage = (row: MessageReportRow) => ({
  id: row.id,
  recipient_phone: row.phone,
  campaign_id: row.campaignId,
  campaign_name: row.campaignName,
  channel: row.channel,
  status: row.status.toUpperCase(),
  created_at: instant(row.createdAt),
  sent_at: instantOrNull(row.sentAt),
  delivered_at: instantOrNull(row.deliveredAt),
  delivery_time_seconds:
    row.sentAt === null || row.deliveredAt === null ? null : seconds(Math.max(0, row.deliveredAt - row.sentAt)),
  held_by: row.heldBy,
  held_until: instantOrNull(row.holdUntil),
  error_code: row.errorCode === null ? null : errorCode(row.errorCode),
  error_name: row.errorCode === null ? null : errorKey({ code: row.errorCode, name: row.errorName }),
  error_message: row.error,
});

export const toMessageReport = (report: MessageReport, page: Page) => ({
  messages: report.rows.map(toMessage),
  summary: {
    total_messages: report.total,
    delivered: report.delivered,
    failed: report.failed,
    pending: report.pending,
    not_sent: report.dropped,
    unknown: report.unknown,
    delivery_rate: report.deliveryRate,
  },
  ...toPaging(page, report.total),
  next_cursor: report.next ? toCursor(report.next) : null,
});

/** There whether or not any message has them. */
const ALWAYS_TOLD = { DELIVERED: 0, FAILED: 0, UNDELIVERED: 0, SENT: 0 };

/** Names that two codes share are counted together. */
const toErrorAnalysis = (errors: CampaignSummary["errors"]): Record<string, number> => {
  const analysis = new Map<string, number>();
  for (const error of errors) analysis.set(errorKey(error), (analysis.get(errorKey(error)) ?? 0) + error.n);
  return Object.fromEntries(analysis);
};

export const toCampaignSummary = (summary: CampaignSummary) => ({
  campaign_id: summary.campaign.id,
  campaign_name: summary.campaign.name,
  campaign_status: summary.campaign.status.toUpperCase(),
  recipients: summary.campaign.recipients,
  performance_metrics: {
    messages_sent: summary.sent,
    messages_delivered: summary.delivered,
    messages_failed: summary.failed,
    messages_pending: summary.pending,
    messages_not_sent: summary.dropped,
    messages_unknown: summary.unknown,
    delivery_rate: percent(summary.delivered, summary.sent),
    average_delivery_time_minutes: minutes(summary.deliveryMs),
  },
  status_breakdown: {
    ...ALWAYS_TOLD,
    ...Object.fromEntries(Object.entries(summary.counts).map(([status, n]) => [status.toUpperCase(), n])),
  },
  error_analysis: toErrorAnalysis(summary.errors),
  execution_timeline: {
    started_at: instantOrNull(summary.campaign.startedAt),
    completed_at: instantOrNull(summary.campaign.endedAt),
    duration_minutes: minutes(summary.durationMs),
  },
});
