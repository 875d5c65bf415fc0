// What became of a campaign: all figures from its rollups, which outlive its messages.
import { selectCampaign } from "../../db/queries/campaigns.ts";
import {
  ALL_TIME,
  type ErrorCount,
  rollupsOf,
  type StatusCounts,
  selectErrors,
  selectRollups,
} from "../../db/queries/message-reports.ts";
import { type CampaignRow, hasEnded } from "../campaign/campaign.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { addCounts, mean, type Outcome, outcomeOf } from "./outcome.ts";

/**
 * `total` is of the recipients: those without a message are `pending` while the campaign goes on, and `dropped` once it has ended (their turn did
 * not come, or they are gone).
 */
export type CampaignSummary = Outcome & {
  campaign: Pick<CampaignRow, "id" | "name" | "status" | "recipients" | "startedAt" | "endedAt">;
  /** Accepted by the provider, whatever came later. */
  sent: number;
  counts: StatusCounts;
  /** Mean time from accepted to delivered, in ms; 0 while nothing was delivered. */
  deliveryMs: number;
  errors: ErrorCount[];
  /** From the start to the end, or to now while it has none, in ms; 0 when it did not start. */
  durationMs: number;
};

/** One batch of three statements: a row of each, and one for each kind of error. Throws `not_found`. */
export const summarizeCampaign = async (context: Context, id: string): Promise<CampaignSummary> => {
  authorizeRole(context.principal, "viewer", "read");
  const { db, now } = context.ports;
  const { organizationId } = context.principal;
  const [found, rollups, errors] = await db.batch([
    selectCampaign(db, organizationId, id),
    selectRollups(db, organizationId, id, [ALL_TIME]),
    selectErrors(db, organizationId, id),
  ]);
  const campaign = found!.results[0] as CampaignRow | undefined;
  if (!campaign) throw notFound("campaign");
  // None while it has made no message.
  const rollup = rollupsOf(rollups!)[0] ?? { counts: {}, gone: {}, sent: 0, timed: 0, timedMs: 0 };
  const counts = addCounts(rollup.counts, rollup.gone);
  const { startedAt, endedAt } = campaign;
  return {
    campaign,
    ...ofRecipients(outcomeOf(counts), campaign),
    sent: rollup.sent,
    counts,
    deliveryMs: mean(rollup),
    errors: errors!.results as ErrorCount[],
    durationMs: startedAt === null ? 0 : Math.max(0, (endedAt ?? now()) - startedAt),
  };
};

const ofRecipients = (
  outcome: Outcome,
  { recipients, status }: Pick<CampaignRow, "recipients" | "status">,
): Outcome => {
  const without = Math.max(0, (recipients ?? 0) - outcome.total);
  return hasEnded(status)
    ? { ...outcome, total: outcome.total + without, dropped: outcome.dropped + without }
    : { ...outcome, total: outcome.total + without, pending: outcome.pending + without };
};
