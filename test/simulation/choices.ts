// Who decides, when several things could happen next: always the first, a seeded die, or a script that walks through every order.

export interface Choices {
  /** 0 to n - 1. */
  pick(n: number): number;
  /** True with probability `p`; `what` names the fault that it would be. */
  chance(p: number, what: string): boolean;
  /** A whole number, both ends included. */
  between(low: number, high: number): number;
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

/** Follows `script`, then takes the first; notes how many ways there were at each fork. */
export const scripted = (script: readonly number[]): Choices & { forks: number[] } => {
  const forks: number[] = [];
  return {
    forks,
    pick: (n) => {
      if (n === 1) return 0;
      forks.push(n);
      return script[forks.length - 1] ?? 0;
    },
    chance: () => false,
    between: (low) => low,
  };
};

/** The script of the next unexplored way, or null when all were walked. */
export const nextScript = (script: readonly number[], forks: readonly number[]): number[] | null => {
  for (let at = forks.length - 1; at >= 0; at--) {
    const taken = script[at] ?? 0;
    if (taken + 1 < forks[at]!) return [...Array.from({ length: at }, (_, i) => script[i] ?? 0), taken + 1];
  }
  return null;
};
