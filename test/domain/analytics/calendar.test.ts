// Buckets of a zone's calendar against what the runtime says of single instants.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  daysOf,
  divide,
  type Granularity,
  instantOf,
  QUARTER_MS,
  toQuarters,
} from "../../../src/domain/analytics/calendar.ts";
import { DAY_MS, HOUR_MS } from "../../../src/lib/durations.ts";
import { wallClock } from "../../../src/lib/time-zone.ts";

const ZONES = [
  "UTC",
  "America/New_York",
  "Europe/Berlin",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
  "America/St_Johns",
  // Clocks go forward at midnight, so that a day has none; and back over it.
  "America/Santiago",
  "Asia/Beirut",
  "America/Havana",
  "Africa/Cairo",
  "Pacific/Apia",
];
const FROM = Date.UTC(2025, 0, 1);
const TO = Date.UTC(2028, 0, 1);

/** Monday's date of the week, by the runtime's own words. */
const labelOf = (zone: string, granularity: Granularity, instant: number): string => {
  const date = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(instant);
  if (granularity === "day") return date;
  if (granularity === "month") return date.slice(0, 7);
  const weekday = new Intl.DateTimeFormat("en-US", { timeZone: zone, weekday: "short" }).format(instant);
  const past = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(weekday);
  return new Date(Date.parse(date) - past * DAY_MS).toISOString().slice(0, 10);
};

const spans = fc
  .tuple(fc.integer({ min: FROM, max: TO }), fc.integer({ min: 1, max: 120 * DAY_MS }))
  .map(([from, length]) => ({ from, to: from + length }));

describe("the calendar of a zone", () => {
  it("shows what the runtime shows", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.integer({ min: FROM, max: TO }), (zone, instant) => {
        const shown = new Intl.DateTimeFormat("sv-SE", {
          timeZone: zone,
          dateStyle: "short",
          timeStyle: "medium",
        }).format(instant);
        expect(new Date(wallClock(zone, instant)).toISOString().slice(0, 19).replace("T", " ")).toBe(shown);
      }),
    );
  });

  it("leads from a wall clock to the first instant that shows it, or more", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: FROM / QUARTER_MS, max: TO / QUARTER_MS }),
        (zone, quarter) => {
          const wall = quarter * QUARTER_MS;
          const instant = instantOf(zone, wall);
          expect(wallClock(zone, instant)).toBeGreaterThanOrEqual(wall);
          // Whatever came in the three hours before shows less, but for an hour that comes twice.
          for (let before = instant - QUARTER_MS; before > instant - 3 * HOUR_MS; before -= QUARTER_MS) {
            expect(wallClock(zone, before)).not.toBe(wall);
          }
        },
      ),
    );
  });

  it("puts every instant of a day, week or month into one bucket, and no other", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.constantFrom<Granularity>("day", "week", "month"),
        spans,
        (zone, granularity, span) => {
          const parts = divide(span, granularity, zone, 1_000);
          expect(parts[0]!.from).toBe(span.from);
          expect(parts.at(-1)!.to).toBe(span.to);
          parts.forEach((part, n) => {
            expect(part.from).toBeLessThan(part.to);
            if (n > 0) expect(part.from).toBe(parts[n - 1]!.to);
            const labels = [part.from, Math.floor((part.from + part.to) / 2), part.to - 1].map((at) =>
              labelOf(zone, granularity, at),
            );
            expect(new Set(labels).size).toBe(1);
            if (n > 0) expect(labels[0]).not.toBe(labelOf(zone, granularity, part.from - 1));
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it("makes hours of an hour at the most, each from a full one of the wall clock", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), spans, (zone, { from }) => {
        const parts = divide({ from, to: from + 3 * DAY_MS }, "hour", zone, 1_000);
        expect(parts.reduce((sum, part) => sum + part.to - part.from, 0)).toBe(3 * DAY_MS);
        for (const part of parts) expect(part.to - part.from).toBeLessThanOrEqual(HOUR_MS);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ["America/New_York", "2026-03-08T05:00:00Z", 23],
    ["America/New_York", "2026-11-01T04:00:00Z", 25],
    ["Australia/Lord_Howe", "2026-10-03T13:30:00Z", 23.5],
    // Its 6th of September begins at one o'clock.
    ["America/Santiago", "2026-09-06T04:00:00Z", 23],
  ])("knows the day of %s that begins at %s and has %d hours", (zone, begins, hours) => {
    const from = Date.parse(begins);
    const [day] = divide({ from, to: from + 3 * DAY_MS }, "day", zone, 10);
    expect(day).toEqual({ from, to: from + hours * HOUR_MS });
    expect(divide({ from: from - HOUR_MS, to: from + HOUR_MS }, "day", zone, 10)).toHaveLength(2);
  });

  it("stops one bucket after the most that it may make", () => {
    expect(divide({ from: FROM, to: TO }, "hour", "UTC", 100)).toHaveLength(101);
  });

  it("widens a time to quarters of an hour, and names the days that it touches", () => {
    const span = { from: Date.UTC(2026, 0, 1, 23, 59), to: Date.UTC(2026, 0, 3, 0, 1) };
    expect(toQuarters(span)).toEqual({ from: Date.UTC(2026, 0, 1, 23, 45), to: Date.UTC(2026, 0, 3, 0, 15) });
    expect(daysOf(span).map((day) => new Date(day).getUTCDate())).toEqual([1, 2, 3]);
    expect(daysOf({ from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 2) })).toHaveLength(1);
  });
});
