// Where the wire names of a workflow's analytics meet ours.
import type { z } from "zod";
import { instantOf } from "../../../domain/analytics/calendar.ts";
import type { FailureReason } from "../../../domain/analytics/errors.ts";
import { endedOf, errorRateOf, figuresOf, numbersOf } from "../../../domain/analytics/tally.ts";
import type { AnalyticsWanted, WorkflowAnalytics } from "../../../domain/analytics/workflow-analytics.ts";
import { DAY_MS } from "../../../lib/durations.ts";
import { boundsOf } from "../../../lib/histogram.ts";
import { toHundredths } from "../../../lib/round.ts";
import { timeOf, toPeriod } from "../convert.ts";
import { FIGURES, type Figure, METRICS, type workflowAnalyticsQuery } from "./workflow-schema.ts";

type Query = z.output<typeof workflowAnalyticsQuery>;

const isDate = (text: string): boolean => text.length === 10;
const instant = (text: string, zone: string, addedDays: number): number =>
  isDate(text) ? instantOf(zone, Date.parse(text) + addedDays * DAY_MS) : Date.parse(text);

export const fromAnalyticsQuery = ({ startDate, endDate, granularity, timezone }: Query): AnalyticsWanted => ({
  granularity,
  timezone,
  span: (zone) => ({ from: instant(startDate, zone, 0), to: instant(endDate, zone, 1) }),
});

/** Where no name is a figure's, all figures are asked for. */
export const figuresAsked = (metrics: readonly string[]): ReadonlySet<Figure> => {
  const figures = metrics.flatMap((name) => METRICS[name]!);
  return new Set(figures.length > 0 ? figures : FIGURES);
};

const toOverview = (analytics: WorkflowAnalytics) => {
  const { workflow, zone, granularity, total, previous, times } = analytics;
  return {
    workflowId: workflow.id,
    workflowName: workflow.name,
    period: { ...toPeriod(analytics.span), timezone: zone, granularity },
    ...numbersOf(total),
    inProgress: Math.max(0, total.started - endedOf(total)),
    errorRate: errorRateOf(total),
    p50ExecutionTime: times.p50,
    p95ExecutionTime: times.p95,
    p99ExecutionTime: times.p99,
    nodesExecuted: analytics.nodesExecuted,
    messagesSent: analytics.messagesSent,
    previousPeriod: { ...toPeriod(analytics.before), ...numbersOf(previous) },
  };
};

const toPoint = ({ from, to, tally }: WorkflowAnalytics["series"][number], figures: ReadonlySet<Figure>) => ({
  timestamp: timeOf(from),
  endTimestamp: timeOf(to),
  ...Object.fromEntries(Object.entries(figuresOf(tally)).filter(([name]) => figures.has(name as Figure))),
});

const toNode = (node: WorkflowAnalytics["nodes"][number]) => ({
  nodeId: node.nodeId,
  nodeType: node.nodeType,
  visits: node.runs,
  failed: node.failed,
  failureRate: node.failureRate,
  retries: node.retries,
  averageTime: node.meanMs,
  p50Time: node.p50Ms,
  p95Time: node.p95Ms,
  averageWait: node.waitMeanMs,
  shareOfTime: node.share,
});

/** More of all work than this is spent at a bottleneck, in percent. */
const BOTTLENECK_SHARE = 50;
const QUANTILE_ERROR = 19;

const toPerformance = ({ times, lag, nodes }: WorkflowAnalytics) => {
  const [first] = nodes;
  return {
    executionTime: {
      average: times.mean,
      p50: times.p50,
      p95: times.p95,
      p99: times.p99,
      max: times.max,
      histogram: [...times.histogram]
        .filter(([, n]) => n > 0)
        .sort(([a], [b]) => a - b)
        .map(([bucket, n]) => ({
          fromMs: toHundredths(boundsOf(bucket).from),
          toMs: toHundredths(boundsOf(bucket).to),
          count: n,
        })),
    },
    startDelay: { average: lag.mean, p50: lag.p50, p95: lag.p95, p99: lag.p99, samples: lag.samples },
    nodes: nodes.map(toNode),
    bottleneck:
      first && nodes.length > 1 && first.share > BOTTLENECK_SHARE
        ? { nodeId: first.nodeId, nodeType: first.nodeType, shareOfTime: first.share, averageTime: first.meanMs }
        : null,
    quantileError: QUANTILE_ERROR,
  };
};

const toError = ({ code, nodeId, message, count, percentage, firstSeenAt, lastSeenAt, samples }: FailureReason) => ({
  code,
  message,
  nodeId,
  count,
  percentage,
  firstSeenAt: timeOf(firstSeenAt),
  lastSeenAt: timeOf(lastSeenAt),
  sampleExecutionIds: samples,
});

const toErrors = ({ total, reasons, codes, nodesAtFault }: WorkflowAnalytics) => ({
  totalErrors: total.failed + total.timedOut,
  errorRate: errorRateOf(total),
  errors: reasons.map(toError),
  byCode: codes.map(toError).map(({ nodeId: _, ...group }) => group),
  byNode: nodesAtFault.map(toError).map(({ code: _, ...group }) => group),
});

/** All sections are always there, as the document has them. */
export const toWorkflowAnalytics = (analytics: WorkflowAnalytics, figures: ReadonlySet<Figure>) => ({
  overview: toOverview(analytics),
  timeSeries: analytics.series.map((part) => toPoint(part, figures)),
  performance: toPerformance(analytics),
  errors: toErrors(analytics),
  trends: {
    period: toPeriod(analytics.span),
    previousPeriod: toPeriod(analytics.before),
    trends: analytics.trends.filter(({ metric }) => figures.has(metric)),
  },
});
