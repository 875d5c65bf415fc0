// When a campaign's messages may leave: at the sender's slots, which it shares with everything else that sends, and no faster than the campaign
// itself wants. Owns the time of the campaign's own next slot. Invariants: own slots are given out once, whatever is killed; over every sliding
// second neither the sender's rate nor the campaign's is exceeded.
import { takeSlots } from "../../domain/message/pacing.ts";
import { pause } from "../../lib/pause.ts";

/** Messages a second; null: nothing limits them. */
export type Rates = { campaign: number | null; sender: number | null };

export type OwnLine = { read(): number; write(nextAt: number): void };

/** `count` slots of the sender's, which its object gives out; `leadMs`: what has to be done before the first. */
export type Lease = (perSecond: number, count: number, leadMs?: number) => Promise<number[]>;

/** The rate that counts; null when there is none. */
export const effectiveRate = ({ campaign, sender }: Rates): number | null =>
  campaign === null ? sender : sender === null ? campaign : Math.min(campaign, sender);

/** True when the campaign leaves slots of its sender to others. */
export const isLowered = ({ campaign, sender }: Rates): boolean =>
  campaign !== null && sender !== null && campaign < sender;

export class Line {
  readonly #own: OwnLine;
  /** The end of the line that messages stand in who ask for one slot after another. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(own: OwnLine) {
    this.#own = own;
  }

  /** Epoch ms from which a wave may leave, as far as the campaign itself is concerned. */
  ownNextAt(): number {
    return this.#own.read();
  }

  /**
   * Slots for a wave, in order. Where the campaign wants less than the sender has, they hold the sender's line for as long as the campaign's rate
   * takes; `slot` leaves what lies between to others, one message at a time.
   */
  async wave(rates: Rates, count: number, lease: Lease, leadMs = 0): Promise<number[]> {
    const now = Date.now() + leadMs;
    const rate = effectiveRate(rates);
    if (rate === null) return Array.from({ length: count }, () => Date.now());
    return rates.sender === null ? this.#take(rate, count, now) : lease(rate, count, leadMs);
  }

  /** One slot of a sender that has more than the campaign wants, taken when the campaign's own comes. */
  slot(rates: Rates, lease: Lease, leadMs = 0): Promise<number> {
    const slot = this.#turn.then(async () => {
      const wait = this.#own.read() - Date.now();
      if (wait > 0) await pause(wait);
      const [leased] = await lease(rates.sender!, 1, leadMs);
      this.#own.write(takeSlots(leased!, { now: 0, count: 1, perSecond: rates.campaign! }).nextAt);
      return leased!;
    });
    this.#turn = slot.catch(() => undefined);
    return slot;
  }

  #take(perSecond: number, count: number, now: number): number[] {
    const { slots, nextAt } = takeSlots(this.#own.read(), { now, count, perSecond });
    this.#own.write(nextAt);
    return slots;
  }
}
