// What became of executions in a time, from rollups of days: whole days by their sums, the rest by its quarters of an hour. Pure.
import type { DayRollup } from "../../db/queries/analytics.ts";
import { DAY_MS, HOUR_MS } from "../../lib/durations.ts";
import { addCount, type Histogram } from "../../lib/histogram.ts";
import { percentOf } from "../../lib/round.ts";
import { QUARTER_MS, type Span } from "./calendar.ts";

export type Tally = {
  started: number;
  completed: number;
  failed: number;
  cancelled: number;
  timedOut: number;
  /** Of those that ended, in ms. */
  durationSum: number;
};

export const newTally = (): Tally => ({
  started: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  timedOut: 0,
  durationSum: 0,
});

const LETTERS: Record<string, keyof Tally> = {
  s: "started",
  c: "completed",
  f: "failed",
  x: "cancelled",
  t: "timedOut",
  d: "durationSum",
};
const NAMES = Object.values(LETTERS);

/** Those that ended, however they did. */
export const endedOf = ({ completed, failed, cancelled, timedOut }: Tally): number =>
  completed + failed + cancelled + timedOut;

/** In percent of those that ended by themselves, with two decimals; null of none. A cancelled one is neither. */
export const successRateOf = ({ completed, failed, timedOut }: Tally): number | null => {
  const judged = completed + failed + timedOut;
  return judged === 0 ? null : percentOf(completed, judged);
};

/** Failures and time-outs in percent of those that ended by themselves; 0 of none. */
export const errorRateOf = ({ completed, failed, timedOut }: Tally): number =>
  percentOf(failed + timedOut, completed + failed + timedOut);

/** What every report of executions tells; null is what nothing was there to measure. */
export const figuresOf = (tally: Tally) => ({
  totalExecutions: tally.started,
  successful: tally.completed,
  failed: tally.failed,
  cancelled: tally.cancelled,
  timedOut: tally.timedOut,
  successRate: successRateOf(tally),
  avgExecutionTime: endedOf(tally) === 0 ? null : meanOf(tally.durationSum, endedOf(tally)),
});

/** The same for reports that have a number for all: 0 of none. */
export const numbersOf = (tally: Tally) => {
  const figures = figuresOf(tally);
  return { ...figures, successRate: figures.successRate ?? 0, avgExecutionTime: figures.avgExecutionTime ?? 0 };
};

/** Whole ms; 0 of nothing. */
export const meanOf = (sum: number, n: number): number => (n === 0 ? 0 : Math.round(sum / n));

const overlaps = (a: Span, b: Span): boolean => a.from < b.to && b.from < a.to;

/** Adds what the day has to each of the spans, which are in their order, without gaps or overlaps. */
export const addDay = (row: DayRollup, spans: readonly Span[], tallies: readonly Tally[]): void => {
  const day = { from: row.day, to: row.day + DAY_MS };
  let index = firstAfter(spans, day.from);
  const only = spans[index];
  if (only && only.from <= day.from && day.to <= only.to) {
    for (const name of NAMES) tallies[index]![name] += row[name];
    return;
  }
  const slots = Object.entries(row.slots)
    .map(([key, n]) => ({ at: row.day + Number.parseInt(key, 10) * QUARTER_MS, name: LETTERS[key.at(-1)!], n }))
    .sort((a, b) => a.at - b.at);
  for (const { at, name, n } of slots) {
    while (index < spans.length && spans[index]!.to <= at) index++;
    const span = spans[index];
    if (span && name !== undefined && at >= span.from) tallies[index]![name] += n;
  }
};

/** The first that ends after `at`. */
const firstAfter = (spans: readonly Span[], at: number): number => {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.to <= at) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const tallyOf = (rows: readonly DayRollup[], span: Span): Tally => {
  const tally = newTally();
  for (const row of rows) addDay(row, [span], [tally]);
  return tally;
};

/** By full hours: those that lie in the span only in part count as a whole. */
export const histogramOf = (rows: readonly DayRollup[], span: Span, of: "durations" | "lags"): Histogram => {
  const histogram: Histogram = new Map();
  for (const row of rows) {
    for (const [key, n] of Object.entries(row[of])) {
      const dot = key.indexOf(".");
      const hour = row.day + Number(key.slice(0, dot)) * HOUR_MS;
      if (overlaps({ from: hour, to: hour + HOUR_MS }, span)) addCount(histogram, Number(key.slice(dot + 1)), n);
    }
  }
  return histogram;
};
