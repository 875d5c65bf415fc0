// A clock for dry runs: real time goes on while work is done, and waits are leapt over. What it showed can be told without the leaps.

export class VirtualClock {
  readonly #real: () => number;
  /** What the real clock has shown; it may go back, we stand still then. */
  #latest = Number.NEGATIVE_INFINITY;
  #leapt = 0;
  /** When each leap ended, and how much had been leapt by then. */
  readonly #leaps: { at: number; total: number }[] = [];

  constructor(real: () => number) {
    this.#real = real;
  }

  /** Epoch ms, leaps included. */
  now(): number {
    this.#latest = Math.max(this.#latest, this.#real());
    return this.#latest + this.#leapt;
  }

  /** Goes on to `at`; never back. */
  leapTo(at: number): void {
    const ahead = at - this.now();
    if (ahead <= 0) return;
    this.#leapt += ahead;
    this.#leaps.push({ at, total: this.#leapt });
  }

  /** The real time at which this clock showed `at`. */
  realAt(at: number): number {
    const leap = this.#leaps.findLast((one) => one.at <= at);
    return at - (leap?.total ?? 0);
  }

  /** Of the span from `start` to `end` by this clock, how much was leapt over. */
  leaptBetween(start: number, end: number): number {
    return end - start - (this.realAt(end) - this.realAt(start));
  }
}
