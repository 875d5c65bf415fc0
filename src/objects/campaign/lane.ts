// One lane of a campaign: a wave of messages, as many as it has connections, leaves together and comes back together. It decides nothing: whoever
// calls says when each may leave and is told what became of it.
import type { OutboundMessage, SendOutcome } from "../../channels/channel.ts";
import type { CampaignRow } from "../../domain/campaign/campaign.ts";
import type { RunSettings } from "../../domain/campaign/run.ts";
import { type OrganizationChannels, type Sender, senderOf } from "../../domain/message/channels.ts";
import { LATE_MS } from "../../domain/message/pacing.ts";
import { pause } from "../../lib/pause.ts";
import type { Cargo, Carried, LaneRpc } from "../rpc.ts";
import { effectiveRate } from "./line.ts";

/** Open connections of one object. Source: Cloudflare Workers, "Simultaneous open connections". */
export const CONNECTIONS = 6;
/** No provider takes longer to answer what it has taken. */
const LONGEST_SEND_MS = 30_000;

/** `slot`: epoch ms at which it may leave; null: it asks for one. */
export type Freight = { contactId: string; message: OutboundMessage; sender: Sender; slot: number | null };

export type Gatekeeper = {
  /** A slot that has not come yet, for a message that has none or missed its own; no sooner than in `leadMs`. Epoch ms. */
  nextSlot(leadMs: number): Promise<number>;
  /** Marks that it leaves, in the commit before it does; false when it may not. */
  leave(contactId: string, at: number): boolean;
  arrived(contactId: string, outcome: SendOutcome): void;
  /** It was marked as leaving and surely has not left. */
  cameBack(contactId: string): void;
  /** Nobody knows what became of them. */
  lost(contactIds: readonly string[]): void;
};

/** Answers when all have come back or were kept; never throws for what the world does. */
export const carry = async (wave: readonly Freight[], gate: Gatekeeper): Promise<void> => {
  await Promise.all(wave.map((freight) => carryOne(freight, gate)));
};

/** Messages a second that one lane can be trusted with, at a provider that answers in a third of a second. */
const LANE_RATE = 18;
const MAX_LANES = 12;

/** How fast the campaign goes at most: messages a second; null: as fast as it can. */
export const fastestRate = (
  { configured }: OrganizationChannels,
  { channel }: Pick<RunSettings, "channel">,
  { rate }: Pick<CampaignRow, "rate">,
): number | null => {
  const senders = configured.filter(
    (one) => channel === null || one.channelId === channel || one.channel.kind === channel,
  );
  const rates = senders.map((one) => effectiveRate({ campaign: rate, sender: one.rate }));
  return rates.length === 0 || rates.includes(null) ? rate : Math.max(...rates.map((one) => one ?? 0));
};

/** How many lanes that takes. */
export const lanesFor = (rate: number | null): number =>
  Math.max(1, Math.min(MAX_LANES, Math.ceil((rate ?? 0) / LANE_RATE)));

/** A wave that another object carries. All of it is marked as leaving before the call; what does not come back is in doubt. */
export const handOver = async (
  lane: LaneRpc,
  organizationId: string,
  wave: readonly Freight[],
  gate: Gatekeeper,
  perSecond: number | null,
): Promise<void> => {
  const leaving = wave.filter(({ contactId }) => gate.leave(contactId, Date.now()));
  if (leaving.length === 0) return;
  const cargo = leaving.map(({ contactId, message, sender, slot }) => ({
    contactId,
    message,
    slot: slot ?? Date.now(),
    channel: sender.channel.kind,
    channelId: sender.channelId,
  }));
  const carried = await lane.carry(organizationId, cargo, perSecond).catch(() => undefined);
  const answers = new Map(carried?.map(({ contactId, outcome }) => [contactId, outcome]));
  for (const [contactId, outcome] of answers) {
    if (outcome === null) gate.cameBack(contactId);
    else gate.arrived(contactId, outcome);
  }
  gate.lost(leaving.filter(({ contactId }) => !answers.has(contactId)).map(({ contactId }) => contactId));
};

/** The other end of it. A message that is too late for its slot takes another. */
export const carryFor = async (
  channels: OrganizationChannels,
  cargo: readonly Cargo[],
  nextSlot: (sender: Sender, leadMs: number) => Promise<number>,
): Promise<Carried[]> =>
  Promise.all(
    cargo.map(async ({ contactId, message, slot, ...of }): Promise<Carried> => {
      const sender = senderOf(channels, of);
      if (!sender) return { contactId, outcome: null };
      await awaitSlot(slot, (leadMs) => nextSlot(sender, leadMs));
      return { contactId, outcome: await send(sender, message) };
    }),
  );

/** The most that a slot is asked for ahead, in ms. */
const LONGEST_LEAD_MS = 2_000;

/**
 * Until the slot has come; one that was missed is given for the next. Where answers come behind the slot that they give, the next is asked for
 * farther ahead, or nothing would ever leave; what a late timer missed says nothing of that.
 */
const awaitSlot = async (first: number, next: (leadMs: number) => Promise<number>): Promise<void> => {
  for (let at = first, lead = 0; ; ) {
    const wait = at - Date.now();
    if (wait > 0) await pause(wait);
    if (Date.now() <= at + LATE_MS) return;
    at = await next(lead);
    const late = Date.now() - at;
    if (late > LATE_MS) lead = Math.min(LONGEST_LEAD_MS, Math.max(2 * lead, late));
  }
};

const carryOne = async ({ contactId, message, sender, slot }: Freight, gate: Gatekeeper): Promise<void> => {
  await awaitSlot(slot ?? (await gate.nextSlot(0)), (leadMs) => gate.nextSlot(leadMs));
  if (!gate.leave(contactId, Date.now())) return;
  gate.arrived(contactId, await send(sender, message));
};

const send = (sender: Sender, message: OutboundMessage): Promise<SendOutcome> =>
  sender.channel
    .send(message, {
      fetch: (input, init) => fetch(input, init),
      now: () => Date.now(),
      signal: AbortSignal.timeout(LONGEST_SEND_MS),
    })
    .catch((error): SendOutcome => ({ outcome: "unknown", reason: String(error) }));
