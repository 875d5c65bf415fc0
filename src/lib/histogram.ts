// How many took how long, in buckets that grow by the fourth root of two: from it quantiles follow that are less than 19 % off, whatever the sizes.
// Pure. PERSISTED CONTRACT: execution_rollups, node_rollups and service_rollups hold these buckets (migrations/0025, db/queries/step-rollups.ts).

/** Counts by bucket. Bucket 0: below 1 ms; b: from 2^((b-1)/4) to 2^(b/4) ms. */
export type Histogram = Map<number, number>;

const STEPS_A_DOUBLING = 4;

export const bucketOf = (ms: number): number => (ms < 1 ? 0 : 1 + Math.floor(STEPS_A_DOUBLING * Math.log2(ms)));

/** Of a bucket in ms, `to` left out. */
export const boundsOf = (bucket: number): { from: number; to: number } =>
  bucket === 0
    ? { from: 0, to: 1 }
    : { from: 2 ** ((bucket - 1) / STEPS_A_DOUBLING), to: 2 ** (bucket / STEPS_A_DOUBLING) };

export const addCount = (histogram: Histogram, bucket: number, n: number): void => {
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + n);
};

export const countOf = (histogram: Histogram): number => {
  let sum = 0;
  for (const n of histogram.values()) sum += n;
  return sum;
};

/** The time in ms, whole, that `part` (0 to 1) of them did not exceed; null of nothing. Never above `max`, which is known exactly. */
export const quantileOf = (histogram: Histogram, part: number, max = Number.POSITIVE_INFINITY): number | null => {
  const total = countOf(histogram);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(part * total));
  let before = 0;
  for (const [bucket, n] of [...histogram].sort(([a], [b]) => a - b)) {
    if (n <= 0) continue;
    if (before + n >= rank) {
      if (bucket === 0) return 0;
      const { from, to } = boundsOf(bucket);
      // As if those in the bucket were spread evenly over it.
      return Math.round(Math.min(max, from + ((to - from) * (rank - before - 0.5)) / n));
    }
    before += n;
  }
  return null;
};
