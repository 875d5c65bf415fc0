// The rows of messages that are about to leave, and of those that will not: written before anything is sent, all of a wave in one batch. Consent
// is read in the statement that writes the row, at the epoch at which the message was planned.

import type { OutboundMessage } from "../../channels/channel.ts";
import {
  type CampaignMessage,
  type Recipient,
  readRecipients,
  writeCampaignMessages,
} from "../../db/queries/campaign-messages.ts";
import { type CampaignStatus, selectCampaign } from "../../db/queries/campaigns.ts";
import { conversationIdOf } from "../conversation/conversation-id.ts";
import { callbackUrl } from "../message/callback-url.ts";
import type { OrganizationChannels, Sender } from "../message/channels.ts";
import { capTerms, lookBack } from "../message/gate-facts.ts";
import type { MessagingPolicy } from "../message/policy.ts";
import type { Database } from "../ports.ts";
import { type Plan, planMessage, senderFor } from "./plan-message.ts";
import { messageIdOf, type RunRules, type RunSettings } from "./run.ts";

/** A message that may go as far as anybody knew when it was planned. */
export type Ready = { contactId: string; message: OutboundMessage; sender: Sender; row: CampaignMessage };

export type PlannedBatch = {
  ready: Ready[];
  /** Held back until then (epoch ms). */
  held: { contactId: string; until: number }[];
  /** Nothing more happens with them. */
  done: string[];
};

export type ClaimWorld = {
  db: Database;
  settings: RunSettings;
  rules: RunRules;
  policy: MessagingPolicy;
  channels: OrganizationChannels;
  now: () => number;
};

type Planned = { recipient: Recipient; plan: Plan; id: string; conversationId: string };

/** Judges so many at once, and writes the rows of those whose message does not go now, with what holds it. One read, at most one write. */
export const planBatch = async (world: ClaimWorld, contactIds: readonly string[]): Promise<PlannedBatch> => {
  const { db, settings, policy } = world;
  const { organizationId, campaignId } = settings;
  const at = world.now();
  const recipients = await readRecipients(db, organizationId, contactIds, lookBack(policy, at));
  const planned = await Promise.all(recipients.map((recipient) => planOf(world, recipient, at)));
  const known = new Set(recipients.map(({ id }) => id));
  // Whoever is gone gets nothing.
  const batch: PlannedBatch = { ready: [], held: [], done: contactIds.filter((id) => !known.has(id)) };
  const staying: CampaignMessage[] = [];
  for (const one of planned) {
    const { recipient, plan, id } = one;
    const row = rowOf(one);
    if (plan.step === "send") {
      const message = outboundOf(world, id, recipient.id, plan);
      batch.ready.push({ contactId: recipient.id, message, sender: plan.sender, row });
      continue;
    }
    staying.push(row);
    if (plan.step === "hold") batch.held.push({ contactId: recipient.id, until: plan.until });
    else batch.done.push(recipient.id);
  }
  if (staying.length > 0) {
    await writeCampaignMessages(db, { organizationId, campaignId, at, claim: null }, staying).run();
  }
  return batch;
};

/**
 * Writes the rows of a wave that leaves now. Who is not among the answers may not be written to any more, or not at the consent at which the
 * message was planned; `status` is the campaign's, undefined when it is gone. One batch of two statements.
 */
export const claimWave = async (
  { db, settings, policy, now }: Pick<ClaimWorld, "db" | "settings" | "policy" | "now">,
  wave: readonly Ready[],
): Promise<{ claimed: Set<string>; status: CampaignStatus | undefined }> => {
  const { organizationId, campaignId } = settings;
  const at = now();
  const of = { organizationId, campaignId, at, claim: { cap: capTerms(policy, at) } };
  const [written, campaign] = await db.batch<{ id: string; status: CampaignStatus }>([
    writeCampaignMessages(
      db,
      of,
      wave.map(({ row }) => row),
    ),
    selectCampaign(db, organizationId, campaignId),
  ]);
  return { claimed: new Set(written!.results.map(({ id }) => id)), status: campaign!.results[0]?.status };
};

const planOf = async (
  { settings, rules, policy, channels }: ClaimWorld,
  recipient: Recipient,
  now: number,
): Promise<Planned> => {
  const choice = senderFor(channels, settings, recipient);
  const conversationId = choice.ok
    ? await conversationIdOf(recipient.id, choice.sender.channel.kind, choice.sender.channelId)
    : await conversationIdOf(recipient.id, settings.channel ?? "");
  const plan = planMessage({ settings, rules, policy, recipient, choice, conversationId, now });
  return { recipient, plan, id: await messageIdOf(settings.campaignId, recipient.id), conversationId };
};

const outboundOf = (
  { settings, channels }: ClaimWorld,
  id: string,
  contactId: string,
  { wanted, sender, address, content }: Extract<Plan, { step: "send" }>,
): OutboundMessage => ({
  id,
  to: address,
  ...(content.template ? content : { text: wanted.body }),
  ...(sender.channel.capabilities.callbacks && channels.callbackUrl
    ? {
        statusCallback: callbackUrl(channels.callbackUrl, {
          id,
          organizationId: settings.organizationId,
          contactId,
          channelId: sender.channelId,
        }),
      }
    : {}),
});

const NOTHING_SAID = { gates: null, holdUntil: null, errorCode: null, error: null, status: "scheduled" } as const;

const rowOf = ({ recipient, plan, id, conversationId }: Planned): CampaignMessage => {
  const of = { id, contactId: recipient.id, conversationId, consentEpoch: recipient.consentEpoch };
  const row = { ...of, ...plan.wanted, ...NOTHING_SAID };
  switch (plan.step) {
    case "send":
      return row;
    case "hold":
      return { ...row, gates: plan.report, holdUntil: plan.until };
    case "suppress": {
      const { gates, failed } = plan.report;
      const error = gates.find(({ gate }) => gate === failed)?.reason ?? null;
      const errorCode = failed?.toUpperCase() ?? null;
      return { ...row, status: "canceled", gates: plan.report, errorCode, error };
    }
    case "fail":
      return { ...row, status: "failed", errorCode: plan.code, error: plan.reason };
  }
};
