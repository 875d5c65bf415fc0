// Changes to a campaign that does not run now. One that has begun keeps its text, its audience and its channel.
import { campaignIs, changeCampaign } from "../../db/queries/campaigns.ts";
import { auditStatementIf } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { tell } from "../tell.ts";
import { type Campaign, type CampaignInput, checkQuietHours, checkSchedule, wrongState } from "./campaign.ts";
import { openCampaign } from "./read-campaign.ts";
import { openReferences, requireActive } from "./references.ts";

const WHILE_PAUSED = ["name", "description", "rate", "quietStart", "quietEnd", "onUnknown"];

/** What is not named stays. A schedule makes a draft scheduled, its removal the reverse. */
export const updateCampaign = async (
  context: Context,
  id: string,
  change: Partial<CampaignInput>,
): Promise<Campaign> => {
  const campaign = await openCampaign(context, id, "editor", "write");
  const { db, now, campaigns } = context.ports;
  const { organizationId, status } = campaign;
  const fields = Object.keys(change);
  if (status !== "draft" && status !== "scheduled" && status !== "paused") throw wrongState(campaign, "changed");
  const fixed = status === "paused" && fields.filter((field) => !WHILE_PAUSED.includes(field));
  if (fixed && fixed.length > 0) {
    throw new DomainError("conflict", "A campaign that has begun keeps its template, segment, channel and schedule", {
      subject: "campaign",
    });
  }
  const at = now();
  const next: Campaign = { ...campaign, ...change, updatedAt: at };
  checkQuietHours(next);
  if (status !== "paused") {
    if (change.scheduleTime !== undefined) {
      if (change.scheduleTime !== null) authorizeRole(context.principal, "operator", "execute");
      checkSchedule(change.scheduleTime, at);
      next.status = change.scheduleTime === null ? "draft" : "scheduled";
      next.nextWakeAt = change.scheduleTime;
    }
    const { template, segment } = await openReferences(context.ports, organizationId, next);
    if (change.templateId !== undefined) requireActive(template);
    Object.assign(next, { template, segment });
  }
  const { template: _template, segment: _segment, sent: _sent, failed: _failed, ...row } = next;
  const [, changed] = await db.batch([
    auditStatementIf(context, campaignIs(organizationId, id, [status]), {
      action: "campaign.updated",
      targetType: "campaign",
      targetId: id,
      details: { fields },
    }),
    changeCampaign(db, organizationId, id, [status], row),
  ]);
  // Somebody was faster: what it is now decides what may be done with it.
  if (changed!.results.length === 0) throw wrongState(await openCampaign(context, id, "editor", "write"), "changed");
  if (status === "scheduled" || next.status === "scheduled") await tell(() => campaigns.look(organizationId, id));
  return next;
};
