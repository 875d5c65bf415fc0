// Who decides, when several things could happen next: always the first, a seeded die, or a script that walks through every order.

export interface Choices {
  /** 0 to n - 1. */
  pick(n: number): number;
  /** True with probability `p`; `what` names the fault that it would be. */
  chance(p: number, what: string): boolean;
  /** A whole number, both ends included. */
  between(low: number, high: number): number;
  /** Whether what makes no difference to a run comes at once, and is no fork. */
  readonly eager?: boolean;
}

/** Nothing goes wrong by itself, and everything comes in the order in which it was begun. */
export const inOrder: Choices = { pick: () => 0, chance: () => false, between: (low) => low };

/** mulberry32: small, and the same on every machine. */
const dieOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const random = (seed: number): Choices => {
  const die = dieOf(seed);
  return {
    pick: (n) => Math.floor(die() * n),
    chance: (p) => die() < p,
    between: (low, high) => low + Math.floor(die() * (high - low + 1)),
  };
};

/**
 * Follows `script`, then takes the first; notes how many ways there were at each fork. With `withCrash`, one crash at any boundary is a way
 * too. A world that looks like one in `visited` is no fork any more: all that can follow was tried from there.
 */
export class Scripted implements Choices {
  readonly eager = true;
  readonly forks: number[] = [];
  /** Whether the order matters yet. */
  open: () => boolean = () => true;
  /** Everything that what follows depends on. */
  look: () => string = () => "";
  readonly #script: readonly number[];
  readonly #visited: Set<string>;
  #crashesLeft: number;
  #isKnown = false;

  constructor(script: readonly number[], withCrash: boolean, visited: Set<string>) {
    this.#script = script;
    this.#visited = visited;
    this.#crashesLeft = withCrash ? 1 : 0;
  }

  pick(n: number): number {
    return this.#fork(n, "next");
  }

  chance(_p: number, what: string): boolean {
    if (!what.startsWith("crash") || this.#crashesLeft === 0 || this.#fork(2, what) === 0) return false;
    this.#crashesLeft--;
    return true;
  }

  between(low: number): number {
    return low;
  }

  #fork(n: number, what: string): number {
    if (n === 1 || this.#isKnown || !this.open()) return 0;
    const at = this.forks.length;
    const looks = `${what} ${this.#crashesLeft} ${this.look()}`;
    // Forks of the script were entered by the run before; the first beyond it is new, or known from another way.
    if (at >= this.#script.length && this.#visited.has(looks)) {
      this.#isKnown = true;
      return 0;
    }
    this.#visited.add(looks);
    this.forks.push(n);
    return this.#script[at] ?? 0;
  }
}

/** The script of the next way that was not walked, or null when all were. */
export const nextScript = (script: readonly number[], forks: readonly number[]): number[] | null => {
  for (let at = forks.length - 1; at >= 0; at--) {
    const taken = script[at] ?? 0;
    if (taken + 1 < forks[at]!) return [...Array.from({ length: at }, (_, i) => script[i] ?? 0), taken + 1];
  }
  return null;
};
