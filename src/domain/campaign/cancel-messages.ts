// Messages of a campaign that were held back or were to be tried again, when it is cancelled.
import { markCampaignMessages } from "../../db/queries/campaign-messages.ts";
import type { Database } from "../ports.ts";
import { messageIdOf } from "./run.ts";

export const cancelMessages = async (
  db: Database,
  organizationId: string,
  campaignId: string,
  contactIds: readonly string[],
  at: number,
): Promise<void> => {
  const rows = await Promise.all(
    contactIds.map(async (contactId) => ({
      id: await messageIdOf(campaignId, contactId),
      status: "canceled" as const,
      errorCode: "CAMPAIGN_CANCELLED",
      errorName: null,
      error: "The campaign was cancelled",
      holdUntil: null,
    })),
  );
  await markCampaignMessages(db, organizationId, at, rows).run();
};
