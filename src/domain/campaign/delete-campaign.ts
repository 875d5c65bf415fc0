// The end of a campaign's row. One that has begun is cancelled first. What it sent stays in messages.
import { campaignIs, deleteCampaign as deleteStatement } from "../../db/queries/campaigns.ts";
import { auditStatementIf } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { tell } from "../tell.ts";
import { type Campaign, type CampaignStatus, wrongState } from "./campaign.ts";
import { openCampaign } from "./read-campaign.ts";

const DELETABLE: readonly CampaignStatus[] = ["draft", "scheduled", "completed", "failed", "cancelled"];

export const deleteCampaign = async (context: Context, id: string): Promise<Campaign> => {
  const campaign = await openCampaign(context, id, "editor", "write");
  const { organizationId } = campaign;
  const { db, campaigns } = context.ports;
  const [, deleted] = await db.batch([
    auditStatementIf(context, campaignIs(organizationId, id, DELETABLE), {
      action: "campaign.deleted",
      targetType: "campaign",
      targetId: id,
      details: { name: campaign.name },
    }),
    deleteStatement(db, organizationId, id, DELETABLE),
  ]);
  if (deleted!.results.length === 0) throw wrongState(await openCampaign(context, id, "editor", "write"), "deleted");
  await tell(() => campaigns.look(organizationId, id));
  return campaign;
};
