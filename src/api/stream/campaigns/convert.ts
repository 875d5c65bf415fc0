// The only place where the wire names of campaigns meet ours.
import type { z } from "zod";
import type { Campaign, CampaignInput, CampaignStatus } from "../../../domain/campaign/campaign.ts";
import { instant, instantOrNull } from "../convert.ts";
import type { createCampaignBody, updateCampaignBody } from "./schema.ts";

/** Ours by the wire's; what is not named is not there. */
const FIELDS = {
  name: "name",
  description: "description",
  template_id: "templateId",
  segment_id: "segmentId",
  channel: "channel",
  schedule_time: "scheduleTime",
  rate_limit_per_second: "rate",
  quiet_hours_start: "quietStart",
  quiet_hours_end: "quietEnd",
  on_unknown: "onUnknown",
} as const satisfies Record<keyof z.output<typeof createCampaignBody>, keyof CampaignInput>;

export const fromCampaignChange = (body: z.output<typeof updateCampaignBody>): Partial<CampaignInput> =>
  Object.fromEntries(
    Object.entries(body).flatMap(([field, value]) =>
      value === undefined ? [] : [[FIELDS[field as keyof typeof FIELDS], value]],
    ),
  );

export const fromCampaign = (body: z.output<typeof createCampaignBody>): CampaignInput =>
  fromCampaignChange(body) as CampaignInput;

export const fromStatus = (status: string): CampaignStatus => status.toLowerCase() as CampaignStatus;
const toStatus = (status: CampaignStatus) => status.toUpperCase() as Uppercase<CampaignStatus>;

export const toCampaign = (campaign: Campaign) => ({
  id: campaign.id,
  name: campaign.name,
  description: campaign.description,
  status: toStatus(campaign.status),
  created_at: instant(campaign.createdAt),
  updated_at: instant(campaign.updatedAt),
  schedule_time: instantOrNull(campaign.scheduleTime),
  started_at: instantOrNull(campaign.startedAt),
  completed_at: instantOrNull(campaign.endedAt),
  template: campaign.template && {
    id: campaign.template.id,
    name: campaign.template.name,
    content: campaign.template.content,
  },
  segment: campaign.segment && { id: campaign.segment.id, name: campaign.segment.name },
  recipients: campaign.recipients,
  messages_sent: campaign.sent,
  messages_failed: campaign.failed,
  messages_unknown: campaign.unknown,
  rate_limit_per_second: campaign.rate,
  quiet_hours_start: campaign.quietStart,
  quiet_hours_end: campaign.quietEnd,
  channel: campaign.channel,
  on_unknown: campaign.onUnknown,
  error: campaign.error,
});

export const toMoved = ({ id, status }: Campaign, message: string) => ({
  message,
  campaign_id: id,
  status: toStatus(status),
});
