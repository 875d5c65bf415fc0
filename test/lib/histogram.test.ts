import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addCount, boundsOf, bucketOf, type Histogram, quantileOf } from "../../src/lib/histogram.ts";

const histogramOf = (values: readonly number[]): Histogram => {
  const histogram: Histogram = new Map();
  for (const value of values) addCount(histogram, bucketOf(value), 1);
  return histogram;
};

describe("a histogram", () => {
  it("puts every time into the bucket that holds it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 * 86_400_000 }), (ms) => {
        const { from, to } = boundsOf(bucketOf(ms));
        expect(ms).toBeGreaterThanOrEqual(from * (1 - 1e-9));
        expect(ms).toBeLessThan(to * (1 + 1e-9));
      }),
    );
  });

  it("tells quantiles that are less than 19 % off, and never above the greatest", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 300 }),
        fc.constantFrom(0.5, 0.95, 0.99),
        (values, part) => {
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil(part * values.length)) - 1]!;
          const told = quantileOf(histogramOf(values), part, sorted.at(-1))!;
          expect(Math.abs(told - exact)).toBeLessThanOrEqual(0.19 * exact + 1);
          expect(told).toBeLessThanOrEqual(sorted.at(-1)!);
        },
      ),
    );
  });

  it("says nothing of nothing, and passes over buckets that were emptied", () => {
    expect(quantileOf(new Map(), 0.5)).toBeNull();
    expect(quantileOf(new Map([[5, 0]]), 0.5)).toBeNull();
    expect(quantileOf(new Map([[0, 3]]), 0.99)).toBe(0);
  });
});
