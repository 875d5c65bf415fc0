// A time limit on an exchange with the outside world. Not for waits of the engine, which are timers in storage.

export type Deadline = {
  /** Aborts with the caller's own signal, and at the deadline while something is raced. */
  signal: AbortSignal;
  /** The work's result, or a rejection as soon as the signal fires, even when the work ignores it. */
  race: <T>(work: Promise<T>) => Promise<T>;
  /** True when the time ran out, false when the caller gave up or nothing fired. */
  expired: () => boolean;
};

/** Its timer runs only during a race: one that is left to fire keeps an object in memory, with its files open, until it does. */
export const startDeadline = (milliseconds: number, caller?: AbortSignal): Deadline => {
  const end = Date.now() + milliseconds;
  const timer = new AbortController();
  const expire = () => timer.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
  const signal = caller ? AbortSignal.any([timer.signal, caller]) : timer.signal;
  const race = async <T>(work: Promise<T>): Promise<T> => {
    const { promise: fired, reject } = Promise.withResolvers<never>();
    const fire = () => reject(signal.reason);
    const timeout = setTimeout(expire, Math.max(0, end - Date.now()));
    if (signal.aborted) fire();
    else signal.addEventListener("abort", fire, { once: true });
    try {
      return await Promise.race([work, fired]);
    } finally {
      clearTimeout(timeout);
      signal.removeEventListener("abort", fire);
    }
  };
  return { signal, race, expired: () => timer.signal.aborted };
};
