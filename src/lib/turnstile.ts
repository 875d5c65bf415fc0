// How many of one kind go on at once in an isolate, for each organisation: messages on their way, things that are tried out. A thousand people who
// write at the same moment are a thousand sends; begun together, each waits for all others' turns on one thread, and answers that came in time are
// read too late to be believed. Who has to wait here has not begun: nothing of it is in doubt. Each organisation has its own: one whose provider
// hangs keeps nobody else's waiting. Waiters look again by timers of their own, since an object may not wait for what another one's request
// resolves. Owns who is inside and who waits; whoever an eviction took away is forgotten after a while.
import { pause } from "./pause.ts";

/** With a provider that answers in a second these are a hundred messages a second, more than a thread has time for. */
const MOST = 100;
const LONGEST_LOOK_MS = 1_000;
const SHORTEST_LOOK_MS = 5;
/** Longer than any attempt to send takes, in ms. */
const LONGEST_INSIDE_MS = 180_000;

export class Turnstile {
  /** Tickets, with when they went in (epoch ms). */
  readonly #inside = new Map<number, number>();
  /** Tickets in their order, with when they last looked (epoch ms). */
  readonly #waiting = new Map<number, number>();
  #tickets = 0;
  #meanMs = 100;
  readonly #now: () => number;
  readonly #most: number;
  readonly #longestMs: number;

  /** Who is inside for `longestMs` has died there. */
  constructor(now: () => number = Date.now, most: number = MOST, longestMs: number = LONGEST_INSIDE_MS) {
    this.#now = now;
    this.#most = most;
    this.#longestMs = longestMs;
  }

  /** Nobody is inside, nobody waits. */
  get isIdle(): boolean {
    return this.#inside.size === 0 && this.#waiting.size === 0;
  }

  /** What `work` answers; undefined when it was not begun, since it had to wait for longer than `patienceMs` or was given up. */
  async pass<T>(work: () => Promise<T>, patienceMs: number, signal: AbortSignal): Promise<T | undefined> {
    const ticket = this.#tickets++;
    if (!(await this.#enter(ticket, this.#now() + patienceMs, signal))) return undefined;
    const begun = this.#now();
    try {
      return await work();
    } finally {
      this.#inside.delete(ticket);
      this.#meanMs += (this.#now() - begun - this.#meanMs) / 16;
    }
  }

  async #enter(ticket: number, until: number, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const now = this.#now();
      this.#forget(now);
      const [first = ticket] = this.#waiting.keys();
      const before = ticket - first;
      // Near the front is good enough: who is first may be asleep.
      if (this.#inside.size < this.#most && before < 2 * this.#most) {
        this.#waiting.delete(ticket);
        this.#inside.set(ticket, now);
        return true;
      }
      if (now >= until || signal.aborted) {
        this.#waiting.delete(ticket);
        return false;
      }
      this.#waiting.set(ticket, now);
      const turnMs = (before / this.#most) * (this.#meanMs / 2);
      await pause(Math.min(LONGEST_LOOK_MS, Math.max(SHORTEST_LOOK_MS, turnMs)));
    }
  }

  #forget(now: number): void {
    for (const [ticket, seen] of this.#waiting) {
      if (seen > now - 5 * LONGEST_LOOK_MS) break;
      this.#waiting.delete(ticket);
    }
    for (const [ticket, since] of this.#inside) {
      if (since > now - this.#longestMs) break;
      this.#inside.delete(ticket);
    }
  }
}
