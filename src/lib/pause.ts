// A short wait of a caller who is there and waits too. Nothing durable may hang on it: waits of the engine are timers in storage.

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
