// Where a figure is going: against the time before, and along the series. It says nothing where there is too little to say it from, and "flat" where
// the difference is what chance makes. Pure.

import { percentOf, toHundredths } from "../../lib/round.ts";
import { endedOf, meanOf, successRateOf, type Tally } from "./tally.ts";

export type TrendMetric = "totalExecutions" | "failed" | "successRate" | "avgExecutionTime";
export const TREND_METRICS: readonly TrendMetric[] = ["totalExecutions", "failed", "successRate", "avgExecutionTime"];

export type Trend = {
  metric: TrendMetric;
  /** Unknown: too little to tell. */
  direction: "up" | "down" | "flat" | "unknown";
  current: number | null;
  previous: number | null;
  change: number | null;
  /** Of the previous, in percent; null where that is 0 or unknown. */
  changePercent: number | null;
  /** By least squares: what the figure gains from one bucket of the series to the next; null where fewer than three have it. */
  slope: number | null;
  /** Executions that the two times rest on. */
  samples: { current: number; previous: number };
  reason: string;
};

/** Executions in both times together from which on a direction is told. */
const LEAST_SAMPLES = 20;
/** Standard deviations of chance that a difference must exceed. */
const SIGMAS = 2;
/** A mean time that changed by less than this part of it has not. */
const TIME_TOLERANCE = 0.1;

const figureOf = (tally: Tally, metric: TrendMetric): number | null => {
  if (metric === "totalExecutions") return tally.started;
  if (metric === "failed") return tally.failed + tally.timedOut;
  if (metric === "successRate") return successRateOf(tally);
  return endedOf(tally) === 0 ? null : meanOf(tally.durationSum, endedOf(tally));
};

const judgedOf = ({ completed, failed, timedOut }: Tally): number => completed + failed + timedOut;

/** The least difference that is more than chance; counts vary by their root, a rate by that of its sample. */
const noiseOf = (metric: TrendMetric, current: Tally, previous: Tally, now: number, before: number): number => {
  if (metric === "totalExecutions" || metric === "failed") return SIGMAS * Math.sqrt(now + before);
  if (metric === "avgExecutionTime") return TIME_TOLERANCE * before;
  const [n, m] = [judgedOf(current), judgedOf(previous)];
  const part = (current.completed + previous.completed) / (n + m);
  return SIGMAS * 100 * Math.sqrt(part * (1 - part) * (1 / n + 1 / m));
};

export const slopeOf = (values: readonly (number | null)[]): number | null => {
  const points = values.flatMap((y, x) => (y === null ? [] : [{ x, y }]));
  if (points.length < 3) return null;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const over = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  const under = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return Math.round((over / under) * 1_000) / 1_000;
};

export const trendOf = (metric: TrendMetric, current: Tally, previous: Tally, series: readonly Tally[]): Trend => {
  const counts = metric === "totalExecutions" || metric === "failed";
  const size = counts ? (tally: Tally) => tally.started : metric === "successRate" ? judgedOf : endedOf;
  const samples = { current: size(current), previous: size(previous) };
  const [now, before] = [figureOf(current, metric), figureOf(previous, metric)];
  const change = now === null || before === null ? null : toHundredths(now - before);
  const changePercent = change === null || !before ? null : percentOf(change, before);
  const slope = slopeOf(series.map((tally) => figureOf(tally, metric)));
  const trend = { metric, current: now, previous: before, change, changePercent, slope, samples };
  if (change === null || samples.current + samples.previous < LEAST_SAMPLES) {
    const had = samples.current + samples.previous;
    const reason =
      had < LEAST_SAMPLES
        ? `Too few executions to tell: ${had} in both times together, of ${LEAST_SAMPLES} needed`
        : "One of the two times has nothing to compare";
    return { ...trend, direction: "unknown", reason };
  }
  const noise = noiseOf(metric, current, previous, now!, before!);
  if (Math.abs(change) <= noise) {
    return {
      ...trend,
      direction: "flat",
      reason: `A change of ${change} is within ${toHundredths(noise)}, which chance makes`,
    };
  }
  return {
    ...trend,
    direction: change > 0 ? "up" : "down",
    reason: `${now} against ${before} in as long a time before`,
  };
};
