// Which rollups a time takes, and what of them must be exact. Pure.
import type { WantedDay } from "../../db/queries/analytics.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { daysOf, type Span } from "./calendar.ts";

/** The days that `spans` (in order, without gaps) touch; those that an end of a span cuts with their quarters of an hour. */
export const wantedDays = (spans: readonly Span[], times: (day: number) => boolean): WantedDay[] => {
  const first = spans[0];
  if (!first) return [];
  const cuts = new Set<number>();
  const cut = (at: number) => {
    if (at % DAY_MS !== 0) cuts.add(Math.floor(at / DAY_MS) * DAY_MS);
  };
  for (const { from, to } of spans) {
    cut(from);
    cut(to);
  }
  return daysOf({ from: first.from, to: spans.at(-1)!.to }).map((day) => ({
    day,
    cut: cuts.has(day),
    times: times(day),
  }));
};
