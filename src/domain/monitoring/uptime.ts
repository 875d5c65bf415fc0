// For how long the service has been up, by a beat a minute that is only given while it works. Pure.

export const BEAT_MS = 60_000;
/** Beats this far apart mean that it was down in between: a missed one may be a busy machine, or a new version on its way. */
export const OUTAGE_MS = 5 * BEAT_MS;

/** PERSISTED CONTRACT. Epoch ms. */
export type Uptime = {
  /** The first beat since the last outage, or of all. */
  since: number;
  last: number;
};

/** A clock that goes back is no outage. */
export const beat = (kept: Uptime | undefined, now: number): Uptime => {
  if (!kept || now - kept.last > OUTAGE_MS) return { since: now, last: now };
  return { since: Math.min(kept.since, now), last: Math.max(kept.last, now) };
};
