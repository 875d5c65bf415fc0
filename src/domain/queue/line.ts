// The runs of one workflow that wait for a slot, those that go first in front; and what is measured of those that had one. Pure.
import { MINUTE_MS } from "../../lib/durations.ts";

/** PERSISTED CONTRACT: a row of the dispatcher. */
export type Turn = {
  /** The run's. */
  id: string;
  workflowId: string;
  /** `wake`: it has run before, waited for a time, and goes on. */
  kind: "start" | "wake";
  /** 1 to 10, 10 first. */
  priority: number;
  /** Epoch ms at which it asked for the slot. */
  askedAt: number;
  /** In the order of asking. */
  n: number;
  state: "waiting" | "held";
  /** Epoch ms since when it has the slot; of one that waits, when it asked. */
  since: number;
  /** The run has said that the slot is its own, last at `seenAt` (epoch ms). */
  confirmed: boolean;
  seenAt: number;
};

/** Waiting for so long is worth a step of priority, in ms: whoever waits comes to its turn, however many more important ones keep coming. */
export const AGE_MS = 60_000;
/** What has begun goes on before anything else begins. */
const PRIORITY_OF_WAKES = 11;

/**
 * Smaller goes first. It never changes while a turn waits: the lead of a priority over a lower one is a time, so many minutes, and a turn that
 * came that much earlier is ahead whenever one looks.
 */
const rankOf = ({ kind, priority, askedAt }: Pick<Turn, "kind" | "priority" | "askedAt">): number =>
  askedAt - (kind === "wake" ? PRIORITY_OF_WAKES : priority) * AGE_MS;

/** Whether `a` goes before `b`. */
export const isBefore = (a: Turn, b: Turn): boolean => {
  const difference = rankOf(a) - rankOf(b);
  return difference < 0 || (difference === 0 && a.n < b.n);
};

/** PERSISTED CONTRACT: a row of the dispatcher. */
export type LineRecord = {
  workflowId: string;
  /** Slots; null: any number. */
  max: number | null;
  /** How long a slot is held, in ms: a moving mean; null while none was given back. */
  meanHeldMs: number | null;
  /** How long whoever started a run here thought that it works, in ms; counts while no slot was given back. */
  expectedMs?: number;
  /** Slots given back, by minute (epoch ms / 60,000), the last RECENT_MINUTES. */
  recent: [minute: number, count: number][];
  /** Epoch ms. */
  changedAt: number;
};

const RECENT_MINUTES = 5;
/** How much the latest weighs in the mean. */
const WEIGHT = 0.1;

export class Line {
  record: LineRecord;
  /** Since when runs have their slots, epoch ms. */
  readonly #held = new Map<string, number>();
  readonly #waiting: Turn[] = [];

  constructor(record: LineRecord) {
    this.record = record;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get held(): number {
    return this.#held.size;
  }

  hold({ id, since }: Turn): void {
    this.#held.set(id, since);
  }

  giveBack({ id }: Turn): void {
    this.#held.delete(id);
  }

  /**
   * How long a slot is held, in ms, by those that were given back; while none was, as long as whoever started a run expected, or as the longest
   * of those that are held has been by now. Null where nothing is known.
   */
  heldMs(now: number): number | null {
    const { meanHeldMs, expectedMs = 0 } = this.record;
    if (meanHeldMs !== null) return meanHeldMs;
    let longest = expectedMs;
    for (const since of this.#held.values()) longest = Math.max(longest, now - since);
    return longest > 0 ? longest : null;
  }

  /** When a slot was last given or given back, or the limit changed; epoch ms. */
  get lastActivityAt(): number {
    return Math.max(this.record.changedAt, ...this.#held.values());
  }

  get first(): Turn | undefined {
    return this.#waiting[0];
  }

  get hasRoom(): boolean {
    return this.record.max === null || this.held < this.record.max;
  }

  add(turn: Turn): void {
    this.#waiting.splice(this.ahead(turn), 0, turn);
  }

  remove(turn: Turn): void {
    const at = this.ahead(turn);
    if (this.#waiting[at]?.id === turn.id) this.#waiting.splice(at, 1);
  }

  /** How many of those that wait here go before the turn. */
  ahead(turn: Turn): number {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#waiting[middle]!, turn)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A slot was held for so many ms. */
  measure(heldMs: number, now: number): void {
    const { meanHeldMs: mean, recent } = this.record;
    const minute = Math.floor(now / MINUTE_MS);
    const kept = recent.filter(([at]) => at > minute - RECENT_MINUTES && at !== minute);
    const inThis = recent.find(([at]) => at === minute)?.[1] ?? 0;
    this.record = {
      ...this.record,
      meanHeldMs: mean === null ? heldMs : mean + WEIGHT * (heldMs - mean),
      recent: [...kept, [minute, inThis + 1]],
      changedAt: now,
    };
  }

  /** Slots given back a minute, over the last five. */
  perMinute(now: number): number {
    const minute = Math.floor(now / MINUTE_MS);
    const counts = this.record.recent.filter(([at]) => at > minute - RECENT_MINUTES).map(([, count]) => count);
    return counts.reduce((sum, count) => sum + count, 0) / RECENT_MINUTES;
  }
}
