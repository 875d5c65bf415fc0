// What a workflow's executions were like in a time: in all, along the time, against as long a time before, why they failed, what took how long. From
// rollups of days, so that a million executions read what a thousand do.
import {
  daysOfResult,
  errorDaysOfResult,
  nodeDaysOfResult,
  selectDays,
  selectErrorDays,
  selectNodeDays,
} from "../../db/queries/analytics.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { type Histogram, quantileOf } from "../../lib/histogram.ts";
import type { Context } from "../context.ts";
import { invalid } from "../errors.ts";
import { readPolicy } from "../message/policy.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import type { WorkflowSummary } from "../workflow/workflow.ts";
import { daysOf, divide, type Granularity, type Span, toQuarters } from "./calendar.ts";
import { byCode, byNode, type FailureReason, failureReasons } from "./errors.ts";
import { messagesSent, type NodePerformance, nodePerformance } from "./node-tally.ts";
import { addDay, endedOf, histogramOf, meanOf, newTally, type Tally, tallyOf } from "./tally.ts";
import { TREND_METRICS, type Trend, trendOf } from "./trend.ts";
import { wantedDays } from "./wanted-days.ts";

const MAX_BUCKETS = 1_000;
const MAX_DAYS = 400;

export type AnalyticsWanted = {
  /** Epoch ms; `to` is left out. */
  span: (zone: string) => Span;
  granularity: Granularity;
  /** IANA; absent: the organisation's. */
  timezone: string | undefined;
};

export type Times = { mean: number; p50: number | null; p95: number | null; p99: number | null };

export type WorkflowAnalytics = {
  workflow: WorkflowSummary;
  zone: string;
  granularity: Granularity;
  span: Span;
  before: Span;
  total: Tally;
  previous: Tally;
  times: Times & { max: number; histogram: Histogram };
  lag: Times & { samples: number };
  nodesExecuted: number;
  messagesSent: number;
  series: (Span & { tally: Tally })[];
  nodes: NodePerformance[];
  reasons: FailureReason[];
  codes: FailureReason[];
  nodesAtFault: FailureReason[];
  trends: Trend[];
};

/**
 * One read for the workflow and the zone, and a batch of three statements: a row a day of rollups (of twice the time), of nodes, and of each kind of
 * error. Throws `not_found`, `forbidden`, `invalid_input` for a time that is too long.
 */
export const analyzeWorkflow = async (
  context: Context,
  workflowId: string,
  wanted: AnalyticsWanted,
): Promise<WorkflowAnalytics> => {
  const { db, now } = context.ports;
  const { organizationId } = context.principal;
  const [workflow, policy] = await Promise.all([
    openWorkflowHead(context, workflowId, "view"),
    wanted.timezone === undefined ? readPolicy(db, organizationId) : undefined,
  ]);
  const zone = wanted.timezone ?? policy!.timezone;
  const { granularity } = wanted;
  const span = checked(wanted.span(zone));
  const lasted = elapsedOf(span, now());
  const before = { from: span.from - lasted, to: span.from };
  const parts = divide(span, granularity, zone, MAX_BUCKETS);
  if (parts.length > MAX_BUCKETS)
    throw invalid(
      "granularity",
      `The period has more than ${MAX_BUCKETS} of these; choose a coarser granularity or a shorter period.`,
    );

  const days = daysOf(span);
  const [rollups, nodeRows, errorRows] = await db.batch([
    selectDays(
      db,
      organizationId,
      workflowId,
      wantedDays([before, ...parts], (day) => day + DAY_MS > span.from),
    ),
    selectNodeDays(db, organizationId, workflowId, days),
    selectErrorDays(db, organizationId, workflowId, days),
  ]);
  const rows = daysOfResult(rollups!);
  const tallies = parts.map(newTally);
  for (const row of rows) addDay(row, parts, tallies);
  const total = sumOf(tallies);
  const previous = tallyOf(rows, before);
  // What is not over yet would look like a decline.
  const past = tallies.filter((_, n) => parts[n]!.to <= span.from + lasted);
  const within = rows.filter(({ day }) => day + DAY_MS > span.from);
  const histogram = histogramOf(within, span, "durations");
  const lags = histogramOf(within, span, "lags");
  const max = within.reduce((most, row) => Math.max(most, row.durationMax), 0);
  const nodes = nodeDaysOfResult(nodeRows!);
  const errors = errorDaysOfResult(errorRows!);
  const lagged = within.reduce((sum, row) => sum + row.lagged, 0);
  return {
    workflow,
    zone,
    granularity,
    span,
    before,
    total,
    previous,
    times: { mean: meanOf(total.durationSum, endedOf(total)), ...quantilesOf(histogram, max), max, histogram },
    lag: {
      mean: meanOf(
        within.reduce((sum, row) => sum + row.lagSum, 0),
        lagged,
      ),
      ...quantilesOf(lags),
      samples: lagged,
    },
    nodesExecuted: within.reduce((sum, row) => sum + row.nodes, 0),
    messagesSent: messagesSent(nodes),
    series: parts.map((part, n) => ({ ...part, tally: tallies[n]! })),
    nodes: nodePerformance(nodes),
    reasons: failureReasons(errors, span),
    codes: byCode(errors, span),
    nodesAtFault: byNode(errors, span),
    trends: TREND_METRICS.map((metric) => trendOf(metric, total, previous, past)),
  };
};

const checked = (span: Span): Span => {
  if (span.to <= span.from) throw invalid("endDate", "Must be after startDate.");
  if (span.to - span.from > (MAX_DAYS + 1) * DAY_MS)
    throw invalid("endDate", `Must be at most ${MAX_DAYS} days after startDate.`);
  return toQuarters(span);
};

/** So long a time is compared with as long a one before: all of it, or of a time that is not over what has passed of it. */
const elapsedOf = (span: Span, now: number): number => {
  const passed = toQuarters({ from: span.from, to: Math.min(span.to, now) });
  return passed.to > passed.from ? passed.to - passed.from : span.to - span.from;
};

const sumOf = (tallies: readonly Tally[]): Tally => {
  const sum = newTally();
  for (const tally of tallies) for (const name of Object.keys(sum) as (keyof Tally)[]) sum[name] += tally[name];
  return sum;
};

export const quantilesOf = (histogram: Histogram, max?: number) => ({
  p50: quantileOf(histogram, 0.5, max),
  p95: quantileOf(histogram, 0.95, max),
  p99: quantileOf(histogram, 0.99, max),
});
