// What an isolate remembers of the lines in which senders' messages stand: which of them let somebody wait, and how long it takes to claim a message.
// Both are guesses of the near future; what is right is the line's own (pacing.ts) and the claim's.
import { pause } from "../../lib/pause.ts";
import type { Pacing, Slot } from "./pacing.ts";

/** A message is claimed so long before its slot at least, so that it leaves on time with consent just read, in ms. */
const CLAIM_MS = 60;
/** The most that is allowed for it: a database far away takes its time, and a message must not miss one slot after another. */
const LONGEST_CLAIM_MS = 1_000;

/**
 * Lines that let somebody wait, and until when (epoch ms) they are asked before a message is claimed: one that has to wait would be claimed in
 * vain.
 */
const busy = new Map<string, number>();
const MOST_BUSY = 1_000;
const BUSY_MS = 5_000;

export const isBusy = (line: string, now: number): boolean => (busy.get(line) ?? 0) > now;

type World = { pacing: Pacing; now: () => number };

export const leaseSlot = async (world: World, line: string, rate: number, leadMs: number): Promise<Slot> => {
  const slot = await world.pacing.leaseOne(line, rate, leadMs);
  if (slot.from > world.now() + CLAIM_MS) {
    if (busy.size >= MOST_BUSY) busy.clear();
    busy.set(line, slot.from + BUSY_MS);
  }
  return slot;
};

const bounded = (milliseconds: number): number => Math.min(LONGEST_CLAIM_MS, Math.max(CLAIM_MS, milliseconds));

/** Of late, in ms: a message that leaves too little time for its claim is late for its slot, is claimed again, and makes the others late. */
let usualMs = 0;

/** How long before its slot a message is claimed. */
export const claimLead = (): number => bounded(1.5 * usualMs);

/** Tells how long a claim took; answers how long the next one of the same message is given. */
export const tookToClaim = (milliseconds: number): number => {
  usualMs += (milliseconds - usualMs) / 8;
  return Math.max(claimLead(), bounded(1.5 * milliseconds));
};

/** Times that a line is asked again for a message that is late for its slot. */
const AGAIN = 3;

/**
 * Waits for the slot of a claimed message, or for another one when the claim took longer than it allows, or we woke too late for it. Who claimed
 * anew would be late again wherever the database is slow, and make it slower; to ask the line takes an object's answer. False: none comes within
 * `longestMs`.
 */
export const waitForSlot = async (
  world: World,
  { line, rate, slot, longestMs }: { line: string; rate: number; slot: Slot; longestMs: number },
): Promise<boolean> => {
  let found = slot;
  let lead = 0;
  for (let again = 0; ; again++) {
    const wait = found.from - world.now();
    if (wait > longestMs) return false;
    if (wait > 0) await pause(wait);
    if (world.now() <= found.until) return true;
    if (again === AGAIN) return false;
    const asked = world.now();
    found = await leaseSlot(world, line, rate, lead);
    lead = Math.min(LONGEST_CLAIM_MS, 2 * (world.now() - asked));
  }
};
