// One lane of a campaign: a wave of messages, as many as it has connections, leaves together and comes back together. It decides nothing: whoever
// calls says when each may leave and is told what became of it.
import type { OutboundMessage, SendOutcome } from "../../channels/channel.ts";
import type { Sender } from "../../domain/message/channels.ts";
import { LATE_MS } from "../../domain/message/pacing.ts";
import { pause } from "../../lib/pause.ts";

/** Open connections of one object. Source: Cloudflare Workers, "Simultaneous open connections". */
export const CONNECTIONS = 6;
/** No provider takes longer to answer what it has taken. */
const LONGEST_SEND_MS = 30_000;

/** `slot`: epoch ms at which it may leave; null: it asks for one. */
export type Freight = { contactId: string; message: OutboundMessage; sender: Sender; slot: number | null };

export type Gatekeeper = {
  /** A slot that has not come yet, for a message that has none or missed its own. Epoch ms. */
  nextSlot(): Promise<number>;
  /** Marks that it leaves, in the commit before it does; false when it may not. */
  leave(contactId: string, at: number): boolean;
  arrived(contactId: string, outcome: SendOutcome): void;
};

/** Answers when all have come back or were kept; never throws for what the world does. */
export const carry = async (wave: readonly Freight[], gate: Gatekeeper): Promise<void> => {
  await Promise.all(wave.map((freight) => carryOne(freight, gate)));
};

const carryOne = async ({ contactId, message, sender, slot }: Freight, gate: Gatekeeper): Promise<void> => {
  for (let at = slot ?? (await gate.nextSlot()); ; at = await gate.nextSlot()) {
    const wait = at - Date.now();
    if (wait > 0) await pause(wait);
    if (Date.now() <= at + LATE_MS) break;
  }
  if (!gate.leave(contactId, Date.now())) return;
  const signal = AbortSignal.timeout(LONGEST_SEND_MS);
  const outcome = await sender.channel
    .send(message, { fetch: (input, init) => fetch(input, init), now: () => Date.now(), signal })
    .catch((error): SendOutcome => ({ outcome: "unknown", reason: String(error) }));
  gate.arrived(contactId, outcome);
};
