// How a run begins and ends, as far as the index is concerned.
import { beatCampaign, endRun, noteRecipients, startScheduled } from "../../db/queries/campaign-run.ts";
import type { CampaignRow } from "../../db/queries/campaigns.ts";
import { findTemplate } from "../../db/queries/templates.ts";
import { err, ok, type Result } from "../../lib/result.ts";
import { hasChannel, type OrganizationChannels } from "../message/channels.ts";
import type { Database } from "../ports.ts";
import { findSegment, type SegmentRow } from "./audience.ts";
import type { RunSettings } from "./run.ts";

export { beatCampaign, endRun, noteRecipients, startScheduled };

/** What the run keeps, whatever becomes of template and segment; or why it cannot begin. */
export const beginRun = async (
  db: Database,
  row: CampaignRow,
  channels: OrganizationChannels,
  now: number,
): Promise<Result<{ settings: RunSettings; segment: SegmentRow }, string>> => {
  const { organizationId, id: campaignId } = row;
  const template = await findTemplate(db, organizationId, row.templateId);
  const segment = await findSegment(db, organizationId, row.segmentId);
  if (!template) return err("The template was deleted before the campaign began");
  if (!template.isActive) return err(`The template '${template.name}' was taken out of use before the campaign began`);
  if (!segment) return err("The segment was deleted before the campaign began");
  const { content, variables, contentSid } = template;
  const { channel, startedAt } = row;
  if (channel !== null && !hasChannel(channels, channel)) return err(`The channel '${channel}' is not configured`);
  const settings = { organizationId, campaignId, startedAt: startedAt ?? now, content, variables, contentSid, channel };
  return ok({ settings, segment });
};
