// Time as a zone's calendar divides it: hours, days, weeks (from Monday) and months between two instants. A day has 23 or 25 hours where clocks
// change, and where midnight is left out it begins with the first instant after the gap. Pure.
import { DAY_MS, HOUR_MS } from "../../lib/durations.ts";
import { wallClock } from "../../lib/time-zone.ts";

export const GRANULARITIES = ["hour", "day", "week", "month"] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** Epoch ms; `to` is left out. */
export type Span = { from: number; to: number };

export const QUARTER_MS = 900_000;

/** The first instant at which the wall clock of `zone` shows `wall`, or shows more because it never shows that. */
export const instantOf = (zone: string, wall: number): number => {
  if (zone === "UTC") return wall;
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((near) => wallClock(zone, near) - near);
  const [first, last] = offsets.map((offset) => wall - offset).sort((a, b) => a - b) as [number, number];
  if (wallClock(zone, first) === wall) return first;
  if (wallClock(zone, last) === wall) return last;
  // In the gap of clocks that went forward, which lies between the two.
  let [low, high] = [first, last];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wallClock(zone, middle) < wall) low = middle;
    else high = middle;
  }
  return high;
};

const FIRST_MONDAY = 4 * DAY_MS;

/** Where the unit after the one that holds `wall` begins, on the wall clock. */
const nextWall = (wall: number, granularity: Exclude<Granularity, "hour">): number => {
  const day = Math.floor(wall / DAY_MS) * DAY_MS;
  if (granularity === "day") return day + DAY_MS;
  if (granularity === "week")
    return day - ((((day - FIRST_MONDAY) % (7 * DAY_MS)) + 7 * DAY_MS) % (7 * DAY_MS)) + 7 * DAY_MS;
  const date = new Date(wall);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
};

/** The instant at which the unit after the one that holds `at` begins. An hour lasts an hour, whatever clocks do in it. */
const nextBoundary = (zone: string, at: number, granularity: Granularity): number => {
  const wall = wallClock(zone, at);
  if (granularity === "hour") return at + HOUR_MS - (((wall % HOUR_MS) + HOUR_MS) % HOUR_MS);
  return instantOf(zone, nextWall(wall, granularity));
};

/** Consecutive spans that make up `span`; the first and the last may be parts of a unit. One more than `most` says that there are more. */
export const divide = (span: Span, granularity: Granularity, zone: string, most: number): Span[] => {
  const parts: Span[] = [];
  for (let from = span.from; from < span.to && parts.length <= most; ) {
    const to = Math.min(span.to, nextBoundary(zone, from, granularity));
    parts.push({ from, to });
    from = to;
  }
  return parts;
};

/** As rollups see it: from the beginning of the quarter of an hour of its start to the end of that of its end. */
export const toQuarters = ({ from, to }: Span): Span => ({
  from: Math.floor(from / QUARTER_MS) * QUARTER_MS,
  to: Math.ceil(to / QUARTER_MS) * QUARTER_MS,
});

/** Beginnings of the days (UTC) that a span touches. */
export const daysOf = ({ from, to }: Span): number[] => {
  const days: number[] = [];
  for (let day = Math.floor(from / DAY_MS) * DAY_MS; day < to; day += DAY_MS) days.push(day);
  return days;
};
