// One campaign, and all of them, for whoever may look.
import { findCampaign, listCampaigns as queryCampaigns } from "../../db/queries/campaigns.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import type { Campaign, CampaignStatus } from "./campaign.ts";

/** In the caller's organisation; the caller may do with it what `role` and `scope` say. */
export const openCampaign = async (
  context: Context,
  id: string,
  ...needed: Parameters<typeof authorizeRole> extends [unknown, ...infer Rest] ? Rest : never
): Promise<Campaign> => {
  authorizeRole(context.principal, ...needed);
  const found = await findCampaign(context.ports.db, context.principal.organizationId, id);
  if (!found) throw notFound("campaign");
  return found;
};

export const readCampaign = (context: Context, id: string): Promise<Campaign> =>
  openCampaign(context, id, "viewer", "read");

/** Newest first. */
export const listCampaigns = async (
  context: Context,
  status: CampaignStatus | undefined,
  page: { limit: number; offset: number },
): Promise<{ rows: Campaign[]; total: number }> => {
  authorizeRole(context.principal, "viewer", "read");
  return queryCampaigns(context.ports.db, context.principal.organizationId, status, page);
};
