// A time limit on an exchange with the outside world. Not for waits of the engine, which are timers in storage.

export type Deadline = {
  /** Aborts at the deadline or with the caller's own signal. */
  signal: AbortSignal;
  /** The work's result, or a rejection as soon as the signal fires, even when the work ignores it. */
  race: <T>(work: Promise<T>) => Promise<T>;
  /** True when the time ran out, false when the caller gave up or nothing fired. */
  expired: () => boolean;
};

export const startDeadline = (milliseconds: number, caller?: AbortSignal): Deadline => {
  const timer = AbortSignal.timeout(milliseconds);
  const signal = caller ? AbortSignal.any([timer, caller]) : timer;
  const fired = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  // Nobody may be racing when it fires.
  fired.catch(() => undefined);
  return { signal, race: (work) => Promise.race([work, fired]), expired: () => timer.aborted };
};
