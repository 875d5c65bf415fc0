// Random numbers for guests: the same for the same seed. Not for secrets.

/** Unsigned 32-bit numbers: a Weyl sequence through the mixing function that hash-prospector found to be the least biased. */
export const seededRandom = (seed: number): (() => number) => {
  let state = Math.trunc(seed) ^ Math.trunc(seed / 2 ** 32);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
};
