// A route an operation. A handler is parse, convert, verb, convert.
import type { Campaign } from "../../../domain/campaign/campaign.ts";
import {
  cancelCampaign,
  pauseCampaign,
  resumeCampaign,
  triggerCampaign,
} from "../../../domain/campaign/change-state.ts";
import { createCampaign } from "../../../domain/campaign/create-campaign.ts";
import { deleteCampaign } from "../../../domain/campaign/delete-campaign.ts";
import { listCampaigns, readCampaign } from "../../../domain/campaign/read-campaign.ts";
import { updateCampaign } from "../../../domain/campaign/update-campaign.ts";
import type { Context } from "../../../domain/context.ts";
import { parsePage } from "../../shared/page.ts";
import { toPaging } from "../convert.ts";
import { ALWAYS, streamOperations } from "../operations.ts";
import { fromCampaign, fromCampaignChange, fromStatus, toCampaign, toMoved } from "./convert.ts";
import * as schema from "./schema.ts";

const CAMPAIGNS = "/api/v1/campaigns";
const CAMPAIGN = `${CAMPAIGNS}/{campaign_id}` as const;
const tag = "Campaigns";

const { routes, operation } = streamOperations();

export { routes };

operation(
  {
    method: "get",
    path: CAMPAIGNS,
    summary: "List campaigns",
    tag,
    query: schema.listCampaignsQuery,
    answers: { 200: schema.campaignList },
    errors: [400, ...ALWAYS],
  },
  async (c, { query }) => {
    const page = parsePage(c, "per_page");
    const status = query.status && fromStatus(query.status);
    const { rows, total } = await listCampaigns(c.var.context, status, page);
    return c.json({ campaigns: rows.map(toCampaign), ...toPaging(page, total) });
  },
);

operation(
  {
    method: "post",
    path: CAMPAIGNS,
    summary: "Create a campaign",
    tag,
    body: schema.createCampaignBody,
    answers: { 201: schema.writtenCampaign },
    errors: [400, ...ALWAYS, 422],
  },
  async (c, { body }) => {
    const campaign = await createCampaign(c.var.context, fromCampaign(body));
    return c.json({ ...toCampaign(campaign), message: "Campaign created successfully" }, 201);
  },
);

operation(
  {
    method: "get",
    path: CAMPAIGN,
    summary: "Get a campaign",
    tag,
    answers: { 200: schema.campaign },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(toCampaign(await readCampaign(c.var.context, params.campaign_id))),
);

operation(
  {
    method: "put",
    path: CAMPAIGN,
    summary: "Change a campaign",
    tag,
    body: schema.updateCampaignBody,
    answers: { 200: schema.writtenCampaign },
    errors: [400, ...ALWAYS, 404, 409, 422],
  },
  async (c, { body, params }) => {
    const campaign = await updateCampaign(c.var.context, params.campaign_id, fromCampaignChange(body));
    return c.json({ ...toCampaign(campaign), message: "Campaign updated successfully" });
  },
);

operation(
  {
    method: "delete",
    path: CAMPAIGN,
    summary: "Delete a campaign",
    tag,
    answers: { 200: schema.deletedCampaign },
    errors: [...ALWAYS, 404, 409],
  },
  async (c, { params }) => {
    const { id } = await deleteCampaign(c.var.context, params.campaign_id);
    return c.json({ message: "Campaign deleted successfully", campaign_id: id });
  },
);

operation(
  {
    method: "post",
    path: `${CAMPAIGN}/trigger`,
    summary: "Trigger a campaign",
    tag,
    answers: { 200: schema.triggeredCampaign },
    errors: [...ALWAYS, 404, 409, 422],
  },
  async (c, { params }) => {
    const { campaign, estimatedRecipients } = await triggerCampaign(c.var.context, params.campaign_id);
    return c.json({
      message: "Campaign triggered successfully",
      campaign_id: campaign.id,
      estimated_recipients: estimatedRecipients,
      execution_started: campaign.status === "running",
    });
  },
);

const move = (doing: string, done: string, verb: (context: Context, id: string) => Promise<Campaign>): void =>
  operation(
    {
      method: "post",
      path: `${CAMPAIGN}/${doing}`,
      summary: `${doing[0]!.toUpperCase()}${doing.slice(1)} a campaign`,
      tag,
      answers: { 200: schema.movedCampaign },
      errors: [...ALWAYS, 404, 409],
    },
    async (c, { params }) =>
      c.json(toMoved(await verb(c.var.context, params.campaign_id), `Campaign ${done} successfully`)),
  );

move("pause", "paused", pauseCampaign);
move("resume", "resumed", resumeCampaign);
move("cancel", "cancelled", cancelCampaign);
