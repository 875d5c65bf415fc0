// What becomes of a message that the provider refused: once more, or not (MESSAGING "Sending through Twilio"). Pure.
import type { SendOutcome } from "../../channels/channel.ts";

type Refused = Extract<SendOutcome, { outcome: "refused" }>;

const FIRST_MS = 100;
export const LONGEST_BACK_OFF_MS = 30_000;
/** Tries in all, by the class of the last refusal. */
const TRIES: Partial<Record<Refused["class"], number>> = { retry: 8, unknown: 2 };

/**
 * Epoch ms of the next try; undefined when there is none. `tries`: how many there were. `chance`: of [0, 1), so that those that failed together
 * do not come back together.
 */
export const nextTryAt = (refused: Refused, tries: number, now: number, chance: number): number | undefined => {
  if (tries >= (TRIES[refused.class] ?? 1)) return undefined;
  const wait = Math.min(LONGEST_BACK_OFF_MS, FIRST_MS * 2 ** (tries - 1));
  return now + Math.max(refused.retryAfterMs ?? 0, wait / 2 + (wait / 2) * chance);
};
