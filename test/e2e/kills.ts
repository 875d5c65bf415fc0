// When the product is killed while a load runs: by the number of answers, so that a slow machine is killed at the same point as a fast one.

/** Calls `kill` each time that another share of `count` answers has come, one call after the other; `over` resolves after the last. */
export const killsAt = (shares: readonly number[], count: number, kill: (answered: number) => Promise<void>) => {
  const waiting = shares.map((share) => Math.floor(share * count));
  let kills = Promise.resolve();
  return {
    onAnswer: (answered: number): void => {
      if (waiting.length === 0 || answered < waiting[0]!) return;
      waiting.shift();
      kills = kills.then(() => kill(answered));
    },
    over: (): Promise<void> => kills,
  };
};
