// Wire shapes of a workflow's analytics.
import { z } from "@hono/zod-openapi";
import { GRANULARITIES } from "../../../domain/analytics/calendar.ts";
import { isTimeZone } from "../../../lib/time-zone.ts";
import { count, dateOrTime, instant, ms, percent } from "../schema.ts";

/** Figures of the series and the trends. */
export const FIGURES = [
  "totalExecutions",
  "successful",
  "failed",
  "cancelled",
  "timedOut",
  "successRate",
  "avgExecutionTime",
] as const;
export type Figure = (typeof FIGURES)[number];
const SECTIONS = ["overview", "timeSeries", "performance", "errors", "trends", "nodes"] as const;

/** The figures that a name in `metrics` asks for; sections are there anyway, and their names ask for none. */
export const METRICS: Record<string, readonly Figure[]> = {
  ...Object.fromEntries(SECTIONS.map((section) => [section, []])),
  ...Object.fromEntries(FIGURES.map((figure) => [figure, [figure]])),
  executions: ["totalExecutions", "successful", "failed", "cancelled", "timedOut"],
  executionTime: ["avgExecutionTime"],
  duration: ["avgExecutionTime"],
  errorRate: ["failed", "timedOut", "successRate"],
};
const NAMES = Object.keys(METRICS);

export const workflowAnalyticsQuery = z.object({
  startDate: dateOrTime.openapi({ description: "A date alone is its beginning in the organization's time zone" }),
  endDate: dateOrTime.openapi({ description: "Left out of the time; a date alone is all of that day" }),
  granularity: z.enum(GRANULARITIES).default("day"),
  metrics: z
    .string()
    .optional()
    .openapi({
      description: `Figures of timeSeries and trends, with commas between or repeated: ${NAMES.join(", ")}. Absent: all.`,
    }),
  timezone: z
    .string()
    .refine(isTimeZone, "Must be an IANA time zone.")
    .optional()
    .openapi({ description: "In place of the organization's, which its messaging policy names" }),
});

/** Whichever way they were sent. */
export const metricsFilter = z.object({
  metrics: z
    .array(z.string())
    .refine((names) => names.every((name) => Object.hasOwn(METRICS, name)), `Must be some of: ${NAMES.join(", ")}.`),
});

const period = z.object({ startDate: instant, endDate: instant });

const analyticsOverview = z
  .object({
    workflowId: z.string(),
    workflowName: z.string(),
    /** Widened to full quarters of an hour. */
    period: period.extend({ timezone: z.string(), granularity: z.enum(GRANULARITIES) }),
    totalExecutions: count,
    successful: count,
    failed: count,
    cancelled: count,
    timedOut: count,
    /** Not ended yet. */
    inProgress: count,
    successRate: percent,
    errorRate: percent,
    avgExecutionTime: ms,
    p50ExecutionTime: ms.nullable(),
    p95ExecutionTime: ms.nullable(),
    p99ExecutionTime: ms.nullable(),
    nodesExecuted: count,
    messagesSent: count,
    previousPeriod: period.extend({
      totalExecutions: count,
      successful: count,
      failed: count,
      cancelled: count,
      timedOut: count,
      successRate: percent,
      avgExecutionTime: ms,
    }),
  })
  .openapi("AnalyticsOverview");

const timeSeriesData = z
  .object({
    /** Where the bucket begins and ends. */
    timestamp: instant,
    endTimestamp: instant,
    totalExecutions: count.optional(),
    successful: count.optional(),
    failed: count.optional(),
    cancelled: count.optional(),
    timedOut: count.optional(),
    /** Null where nothing ended. */
    successRate: percent.nullable().optional(),
    avgExecutionTime: ms.nullable().optional(),
  })
  .openapi("TimeSeriesData");

const quantiles = { average: ms, p50: ms.nullable(), p95: ms.nullable(), p99: ms.nullable() };

const nodePerformance = z
  .object({
    nodeId: z.string(),
    nodeType: z.string(),
    visits: count,
    failed: count,
    failureRate: percent,
    retries: count,
    averageTime: ms,
    p50Time: ms,
    p95Time: ms,
    /** For time, events and retries. */
    averageWait: ms,
    /** Of what all nodes were at work. */
    shareOfTime: percent,
  })
  .openapi("NodePerformance");

const performanceAnalytics = z
  .object({
    executionTime: z.object({
      ...quantiles,
      max: ms,
      histogram: z.array(z.object({ fromMs: ms, toMs: ms, count })),
    }),
    /** From the making of an execution to its start. */
    startDelay: z.object({ ...quantiles, samples: count }),
    /** Those that took most in all first. */
    nodes: z.array(nodePerformance),
    /** The node that more than half of all work is spent at. */
    bottleneck: z
      .object({ nodeId: z.string(), nodeType: z.string(), shareOfTime: percent, averageTime: ms })
      .nullable(),
    /** How far off a quantile may be, in percent. */
    quantileError: percent,
  })
  .openapi("PerformanceAnalytics");

const errorGroup = z
  .object({
    code: z.string(),
    message: z.string(),
    nodeId: z.string().nullable(),
    count,
    percentage: percent,
    firstSeenAt: instant,
    lastSeenAt: instant,
    sampleExecutionIds: z.array(z.string()),
  })
  .openapi("ErrorGroup");

const errorAnalytics = z
  .object({
    totalErrors: count,
    errorRate: percent,
    errors: z.array(errorGroup),
    byCode: z.array(errorGroup.omit({ nodeId: true })),
    byNode: z.array(errorGroup.omit({ code: true })),
  })
  .openapi("ErrorAnalytics");

const trendAnalysis = z
  .object({
    period,
    previousPeriod: period,
    trends: z.array(
      z.object({
        metric: z.string(),
        direction: z.enum(["up", "down", "flat", "unknown"]),
        current: z.number().nullable(),
        previous: z.number().nullable(),
        change: z.number().nullable(),
        changePercent: z.number().nullable(),
        /** Gained from one bucket of the series to the next, by least squares. */
        slope: z.number().nullable(),
        samples: z.object({ current: count, previous: count }),
        reason: z.string(),
      }),
    ),
  })
  .openapi("TrendAnalysis");

export const workflowAnalytics = z
  .object({
    overview: analyticsOverview,
    /** Points have the figures that `metrics` names. */
    timeSeries: z.array(timeSeriesData),
    performance: performanceAnalytics,
    errors: errorAnalytics,
    trends: trendAnalysis,
  })
  .openapi("WorkflowAnalyticsResponse");
