// The header that counts how often one event has passed through Signalbox, so that two workflows that call each other come to an end.

/** Header that carries the count. */
export const HOP_HEADER = "X-Signalbox-Hop";
/** A request that would carry a higher count is refused. */
export const MAX_HOPS = 5;

/** The count that a request arrived with; 0 without a header or with one that is no count. */
export const hopsOf = (headers: Headers): number => {
  const text = headers.get(HOP_HEADER) ?? "";
  return /^\d+$/.test(text) ? Math.min(Number(text), MAX_HOPS) : 0;
};
