// How fast a sender may send, by what kind of sender it is, and how fast to one person. Numbers: MESSAGING "Sending through Twilio", which are
// Twilio's and Meta's defaults of 2026-11; what an account was granted beyond them is its channel's own rate. Pure.
import type { ChannelKind } from "../../channels/channel.ts";

/** Epoch ms between which one message may leave. */
export type Slot = { from: number; until: number };

/** Slots of one sender, shared by everything that sends with it (objects/pacer.ts). */
export interface Pacing {
  /**
   * `count` times (epoch ms, ascending), each for one message: at it, or up to LATE_MS later. No sliding second holds more than
   * `perSecond`. `leadMs`: what has to be done before the first.
   */
  lease(sender: string, perSecond: number, count: number, leadMs?: number): Promise<number[]>;
  /** One message's: `leadMs` is what has to be done before it leaves, which an idle line does not add. */
  leaseOne(sender: string, perSecond: number, leadMs: number): Promise<Slot>;
  /** Epoch ms from which a slot is free, long past when the line is idle; nothing is taken. */
  peek(sender: string): Promise<number>;
}

/** How late a message may use its slot, in ms; one that would be later takes a new one, so that nothing bunches up. */
export const LATE_MS = 50;
/** Beyond what LATE_MS needs: the provider's clock is not ours. */
const MARGIN = 1.03;

const gapOf = (perSecond: number): number => ((1000 + LATE_MS) / perSecond) * MARGIN;

/**
 * `count` slots from `now` on, each one gap after the last; `nextAt` (epoch ms): the first that nobody has. With this gap at most `perSecond`
 * slots lie in 1000 + LATE_MS milliseconds. What was not used is lost: a line that was idle does not catch up.
 */
export const takeSlots = (
  nextAt: number,
  { now, count, perSecond }: { now: number; count: number; perSecond: number },
): { slots: number[]; nextAt: number } => {
  const gap = gapOf(perSecond);
  const first = Math.max(now, nextAt);
  return { slots: Array.from({ length: count }, (_, index) => first + index * gap), nextAt: first + count * gap };
};

/** As `takeSlots`, for a message that is ready after about `leadMs`: who leaves earlier than that, on an idle line, is only farther from the next. */
export const takeSlot = (
  nextAt: number,
  { now, leadMs, perSecond }: { now: number; leadMs: number; perSecond: number },
): { slot: Slot; nextAt: number } => {
  const last = Math.max(now + leadMs, nextAt);
  return { slot: { from: Math.max(now, nextAt), until: last + LATE_MS }, nextAt: last + gapOf(perSecond) };
};

/** Messages a second. */
const LONG_CODE = 1;
const TOLL_FREE = 3;
const SHORT_CODE = 10;
const WHATSAPP = 80;

const isTollFree = (sender: string): boolean => /^\+1(800|833|844|855|866|877|888)\d{7}$/.test(sender);

/** Null where nothing limits us: in the app, and mail, which servers queue. */
export const defaultRate = (kind: ChannelKind, sender: string): number | null => {
  if (kind === "whatsapp") return WHATSAPP;
  if (kind !== "sms") return null;
  if (isTollFree(sender)) return TOLL_FREE;
  // A short code, a name, or a messaging service, which has several senders.
  return /^\+\d{7,}$/.test(sender) ? LONG_CODE : SHORT_CODE;
};

/** WhatsApp takes about one message in so many ms to one person (131056), and this many at once, which are then paid back. */
export const PERSON_MS = 6_000;
export const PERSON_BURST = 45;
/** How far back messages to a person are looked at: what an hour's sending at the full rate would owe is far below it. */
export const PERSON_WINDOW_MS = 15 * 60_000;

/**
 * Epoch ms from which one more message may go to a person after those at `sentAt`; null when it may go now. Every stretch of time of length t
 * within PERSON_WINDOW_MS holds at most PERSON_BURST + t / PERSON_MS messages.
 */
export const personFreeAt = (sentAt: readonly number[], now: number): number | null => {
  const latestFirst = sentAt.filter((at) => at > now - PERSON_WINDOW_MS).sort((a, b) => b - a);
  let free = now;
  for (const [index, at] of latestFirst.entries()) {
    // With the one that is to go, index + 2 messages lie in [at, free].
    const owed = index + 2 - PERSON_BURST;
    if (owed > 0) free = Math.max(free, at + owed * PERSON_MS);
  }
  return free > now ? free : null;
};
