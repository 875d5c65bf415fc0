// The header that counts how often one event has passed through Signalbox, so that two workflows that call each other come to an end.

/** Header that carries the count. */
export const HOP_HEADER = "X-Signalbox-Hop";
/** A request that would carry a higher count is refused. */
export const MAX_HOPS = 5;

/** The count that a request arrived with, as its header says it; 0 without one or with one that is no count. */
export const hopsOf = (said: string | undefined): number =>
  said !== undefined && /^\d+$/.test(said) ? Math.min(Number(said), MAX_HOPS) : 0;
