// A new campaign: a draft, or scheduled when it names a time.
import { insertCampaign } from "../../db/queries/campaigns.ts";
import { newId } from "../../lib/ids.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { tell } from "../tell.ts";
import { type Campaign, type CampaignInput, type CampaignRow, checkQuietHours, checkSchedule } from "./campaign.ts";
import { openReferences, requireActive } from "./references.ts";

/** A schedule makes it start by itself, so it takes what triggering takes. */
export const createCampaign = async (context: Context, input: CampaignInput): Promise<Campaign> => {
  authorizeRole(context.principal, "editor", "write");
  const { ports, principal } = context;
  const { organizationId } = principal;
  const at = ports.now();
  const scheduleTime = input.scheduleTime ?? null;
  if (scheduleTime !== null) authorizeRole(principal, "operator", "execute");
  checkSchedule(scheduleTime, at);
  const row: CampaignRow = {
    organizationId,
    id: newId(at),
    name: input.name,
    description: input.description ?? "",
    status: scheduleTime === null ? "draft" : "scheduled",
    templateId: input.templateId,
    segmentId: input.segmentId,
    channel: input.channel ?? null,
    scheduleTime,
    rate: input.rate ?? null,
    quietStart: input.quietStart ?? null,
    quietEnd: input.quietEnd ?? null,
    onUnknown: input.onUnknown ?? "park",
    recipients: null,
    error: null,
    createdBy: principal.userId,
    createdAt: at,
    updatedAt: at,
    startedAt: null,
    endedAt: null,
    nextWakeAt: scheduleTime,
  };
  checkQuietHours(row);
  const { template, segment } = await openReferences(ports, organizationId, input);
  requireActive(template);
  await ports.db.batch([
    insertCampaign(ports.db, row),
    auditStatement(context, {
      action: "campaign.created",
      targetType: "campaign",
      targetId: row.id,
      details: { name: row.name, status: row.status },
    }),
  ]);
  if (scheduleTime !== null) await tell(() => ports.campaigns.look(organizationId, row.id));
  return { ...row, template, segment, sent: 0, failed: 0, unknown: 0 };
};
