import { describe, expect, it } from "vitest";
import { coverRange, FOREVER } from "../../../src/domain/reporting/time-range.ts";

const HOUR = 3_600_000;

describe("a covered range", () => {
  it("is the range, each moment once", () => {
    let seed = 3;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return Math.floor((seed / 2_147_483_647) * below);
    };
    let edged = 0;
    for (let round = 0; round < 2_000; round++) {
      const from = random(5 * 24) * HOUR + (random(2) ? random(HOUR) : 0);
      const to = from + random(4 * 24) * HOUR + (random(2) ? random(HOUR) : 0);
      for (const unit of ["hour", "day"] as const) {
        const { slices, edges } = coverRange({ from, to }, unit);
        const parts = [...slices, ...edges].sort((a, b) => a.from - b.from);
        expect(parts.reduce((sum, part) => sum + part.to - part.from, 0)).toBe(to - from);
        parts.forEach((part, index) => {
          expect(part.from).toBe(index === 0 ? from : parts[index - 1]!.to);
        });
        for (const slice of slices) {
          expect(slice.from % (slice.span * HOUR)).toBe(0);
          expect(slice.to % (slice.span * HOUR)).toBe(0);
          if (unit === "hour") expect(slice.span).toBe(1);
        }
        for (const edge of edges) expect(edge.to - edge.from).toBeLessThan(HOUR);
        edged += edges.length;
        if (unit === "day")
          expect(slices.filter(({ span }) => span === 1).every((s) => s.to - s.from < 48 * HOUR)).toBe(true);
      }
    }
    expect(edged).toBeGreaterThan(1_000);
  });

  it("without bounds is all days, and nothing else", () => {
    expect(coverRange({ from: 0, to: FOREVER }, "day")).toEqual({
      slices: [{ span: 24, from: 0, to: FOREVER }],
      edges: [],
    });
  });
});
