// How a campaign is sent: what its object keeps of it, and the numbers that the object and its verbs share.
import type { CampaignRow } from "../../db/queries/campaigns.ts";
import { derivedId, timeOfId } from "../../lib/ids.ts";

/** A campaign that runs has its object awake at least so often; the sweeper looks after one that is late. */
export const HEARTBEAT_MS = 60_000;

/** PERSISTED CONTRACT: with what a run began, whatever becomes of its template and segment. Times in epoch ms. */
export type RunSettings = {
  organizationId: string;
  campaignId: string;
  startedAt: number;
  /** The template's text; its variables in the order in which the provider numbers them. */
  content: string;
  variables: string[];
  contentSid: string | null;
  /** A channel's kind or id. */
  channel: string | null;
};

/** What the row may change while the run goes on. */
export type RunRules = Pick<CampaignRow, "rate" | "quietStart" | "quietEnd" | "onUnknown">;

/**
 * PERSISTED CONTRACT: one message a campaign and contact, whatever is killed and repeated. Its step key is `campaign:<campaign>:<contact>`
 * (db/queries/campaign-messages.ts).
 */
export const messageIdOf = (campaignId: string, contactId: string): Promise<string> =>
  derivedId(timeOfId(campaignId) ?? 0, "campaign", campaignId, contactId);

/** When a message in doubt is looked up, in ms since it left. A callback settles most before the first; after the last it is given up. */
export const LOOKS_MS = [10_000, 30_000, 120_000] as const;
