// Wire shapes of how the service performs for an organisation.
import { z } from "@hono/zod-openapi";
import { count, instant, ms, percent } from "../schema.ts";

const quantiles = { p50: ms.nullable(), p95: ms.nullable(), p99: ms.nullable() };

const queueMetrics = z
  .object({
    /** Executions by what they do now. */
    queued: count,
    running: count,
    waiting: count,
    /** The dispatcher's line: who waits for a slot, how many it takes, and the slots (null: any number). */
    waitingForSlot: count,
    queueLimit: count,
    maxConcurrency: count.nullable(),
    busySlots: count,
    estimatedWaitTime: ms.nullable(),
    /** Of the latest 1,000 events, those that were not processed yet. */
    pendingEvents: count,
    oldestPendingEventAt: instant.nullable(),
    /** Of the latest 1,000. */
    deadLetters: count,
    /** Parked by an error of the engine, of the latest 1,000 that go on. */
    stuckExecutions: count,
    /** From the time at which an execution was made or wanted to its start, of the last 24 hours. */
    startDelay: z.object({ average: ms, ...quantiles, samples: count }),
  })
  .openapi("QueueMetrics");

const systemLoadMetrics = z
  .object({
    executionsLastHour: count,
    executionsPerMinute: z.number().min(0),
    failureRateLastHour: percent,
    uptime: ms,
    /** Of everybody's requests in the last hour. */
    requestTime: z.object({ ...quantiles, samples: count }),
    requestFailureRate: percent,
    objectErrors: count,
  })
  .openapi("SystemLoadMetrics");

const databaseMetrics = z
  .object({
    /** Of everybody's statements in the last hour, by the database's own clock. `samples` counts to 1,000. */
    statementTime: z.object({ ...quantiles, samples: count }),
    failureRate: percent,
    rowsReadPerStatement: z.number().min(0),
    rowsWrittenPerStatement: z.number().min(0),
  })
  .openapi("DatabaseMetrics");

const externalServiceMetrics = z
  .object({
    /** A host, or a channel. */
    service: z.string(),
    calls: count,
    failures: count,
    failureRate: percent,
    averageTime: ms,
    p50Time: ms,
    p95Time: ms,
    p99Time: ms,
    lastFailureAt: instant.nullable(),
  })
  .openapi("ExternalServiceMetrics");

export const performanceAlert = z
  .object({
    type: z.string(),
    severity: z.enum(["warning", "critical"]),
    message: z.string(),
    value: z.number(),
    threshold: z.number(),
    subject: z.string().optional(),
  })
  .openapi("PerformanceAlert");

export const performanceMetrics = z
  .object({
    executionQueue: queueMetrics,
    systemLoad: systemLoadMetrics,
    databasePerformance: databaseMetrics,
    /** Of the last 24 hours, most called first. */
    externalServices: z.array(externalServiceMetrics),
    alerts: z.array(performanceAlert),
    /** Since when delays and services count, and when this was measured. */
    since: instant,
    measuredAt: instant,
  })
  .openapi("PerformanceMetricsResponse");
