// What people do with a campaign: start, pause, resume, cancel. The row is changed first, and only from a state that allows it: of two callers
// one wins. Its object reads the row, and is told to look; before each message it asks the row again.
import { campaignIs, changeCampaign } from "../../db/queries/campaigns.ts";
import { auditStatementIf } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { tell } from "../tell.ts";
import { countAudience } from "./audience.ts";
import { type Campaign, type CampaignRow, type CampaignStatus, wrongState } from "./campaign.ts";
import { openCampaign } from "./read-campaign.ts";
import { openReferences, requireActive } from "./references.ts";
import { HEARTBEAT_MS } from "./run.ts";

type Step = { from: readonly CampaignStatus[]; to: CampaignStatus; done: string };

const move = async (
  context: Context,
  campaign: Campaign,
  { from, to, done }: Step,
  change: Partial<CampaignRow>,
): Promise<Campaign> => {
  const { organizationId, id } = campaign;
  const { db, now, campaigns } = context.ports;
  const next = { ...change, status: to, error: null, updatedAt: now() };
  const [, changed] = await db.batch([
    auditStatementIf(context, campaignIs(organizationId, id, from), {
      action: `campaign.${done}`,
      targetType: "campaign",
      targetId: id,
    }),
    changeCampaign(db, organizationId, id, from, next),
  ]);
  if (changed!.results.length === 0) throw wrongState(await openCampaign(context, id, "operator", "execute"), done);
  await tell(() => campaigns.look(organizationId, id));
  return { ...campaign, ...next };
};

const require = (campaign: Campaign, { from, done }: Step): void => {
  if (!from.includes(campaign.status)) throw wrongState(campaign, done);
};

const TRIGGER: Step = { from: ["draft", "scheduled"], to: "running", done: "triggered" };
const PAUSE: Step = { from: ["running"], to: "paused", done: "paused" };
const RESUME: Step = { from: ["paused"], to: "running", done: "resumed" };
const CANCEL: Step = { from: ["draft", "scheduled", "running", "paused"], to: "cancelled", done: "cancelled" };

/** `estimatedRecipients`: who is in the segment now; the audience is whoever is in it when the run takes it down, right after. */
export const triggerCampaign = async (
  context: Context,
  id: string,
): Promise<{ campaign: Campaign; estimatedRecipients: number }> => {
  authorizeRole(context.principal, "operator", "execute");
  const campaign = await openCampaign(context, id, "operator", "execute");
  require(campaign, TRIGGER);
  const { db, now } = context.ports;
  const { template, segment } = await openReferences(context.ports, campaign.organizationId, campaign);
  requireActive(template);
  const at = now();
  const estimatedRecipients = await countAudience(db, segment, at);
  const started = await move(context, campaign, TRIGGER, { startedAt: at, nextWakeAt: at + HEARTBEAT_MS });
  return { campaign: started, estimatedRecipients };
};

/** No further message leaves; what has left goes its way. */
export const pauseCampaign = async (context: Context, id: string): Promise<Campaign> => {
  const campaign = await openCampaign(context, id, "operator", "execute");
  require(campaign, PAUSE);
  return move(context, campaign, PAUSE, { nextWakeAt: null });
};

export const resumeCampaign = async (context: Context, id: string): Promise<Campaign> => {
  const campaign = await openCampaign(context, id, "operator", "execute");
  require(campaign, RESUME);
  return move(context, campaign, RESUME, { nextWakeAt: context.ports.now() + HEARTBEAT_MS });
};

/** For good. Messages that were held back are canceled. */
export const cancelCampaign = async (context: Context, id: string): Promise<Campaign> => {
  const campaign = await openCampaign(context, id, "operator", "execute");
  require(campaign, CANCEL);
  const at = context.ports.now();
  return move(context, campaign, CANCEL, {
    endedAt: at,
    nextWakeAt: campaign.startedAt === null ? null : at + HEARTBEAT_MS,
  });
};
