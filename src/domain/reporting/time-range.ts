// A time as rollups see it: full days and full hours, UTC, and what of an hour is left at its ends. Pure.
import type { Slice } from "../../db/queries/message-reports.ts";
import { DAY_MS, HOUR_MS } from "../../lib/durations.ts";

/** As far as a Date reaches. */
export const FOREVER = 8.64e15;

/** Epoch ms; `to` is left out. */
export type TimeRange = { from: number; to: number };

export type CoveredRange = {
  slices: Slice[];
  /** What only rows can tell: at most two parts, each shorter than an hour. */
  edges: TimeRange[];
};

const floor = (at: number, unit: number) => Math.floor(at / unit) * unit;
const ceil = (at: number, unit: number) => Math.ceil(at / unit) * unit;

const isSome = ({ from, to }: TimeRange) => from < to;

/** `unit`: the largest span that rollups are kept for. */
export const coverRange = ({ from, to }: TimeRange, unit: "hour" | "day"): CoveredRange => {
  const firstHour = ceil(from, HOUR_MS);
  const lastHour = floor(to, HOUR_MS);
  if (firstHour > lastHour) return { slices: [], edges: [{ from, to }].filter(isSome) };
  const edges = [
    { from, to: firstHour },
    { from: lastHour, to },
  ].filter(isSome);
  const firstDay = ceil(firstHour, DAY_MS);
  const lastDay = floor(lastHour, DAY_MS);
  const slices: Slice[] =
    unit === "hour" || firstDay >= lastDay
      ? [{ span: 1, from: firstHour, to: lastHour }]
      : [
          { span: 1, from: firstHour, to: firstDay },
          { span: 24, from: firstDay, to: lastDay },
          { span: 1, from: lastDay, to: lastHour },
        ];
  return { slices: slices.filter(isSome), edges };
};
