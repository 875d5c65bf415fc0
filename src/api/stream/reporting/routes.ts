// /api/v1/reporting: a route an operation. A handler is parse, convert, verb, convert.
import { summarizeCampaign } from "../../../domain/reporting/campaign-summary.ts";
import { reportMessages } from "../../../domain/reporting/report-messages.ts";
import { parsePage } from "../../shared/page.ts";
import { ALWAYS, streamOperations } from "../operations.ts";
import { toCampaignSummary, toMessageReport } from "./convert.ts";
import * as schema from "./schema.ts";

const REPORTING = "/api/v1/reporting";
const tag = "Reporting";

const { routes, operation } = streamOperations();

export { routes };

operation(
  {
    method: "get",
    path: `${REPORTING}/campaigns/{campaign_id}/summary`,
    summary: "Campaign performance",
    tag,
    answers: { 200: schema.campaignSummary },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(toCampaignSummary(await summarizeCampaign(c.var.context, params.campaign_id))),
);

operation(
  {
    method: "get",
    path: `${REPORTING}/messages/status`,
    summary: "Message status tracking",
    tag,
    query: schema.messageStatusQuery,
    answers: { 200: schema.messageStatusReport },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { query }) => {
    const page = parsePage(c, "per_page");
    const filter = {
      campaignId: query.campaign_id,
      status: query.status,
      from: query.start_date,
      to: query.end_date,
    };
    const report = await reportMessages(c.var.context, filter, { ...page, after: query.cursor });
    return c.json(toMessageReport(report, page));
  },
);
