// Where the wire names of an organisation's analytics and of performance meet ours.
import type { OrganizationAnalytics } from "../../../domain/analytics/organization-analytics.ts";
import type { Performance } from "../../../domain/analytics/performance.ts";
import { endedOf, numbersOf } from "../../../domain/analytics/tally.ts";
import { percentOf } from "../../../lib/round.ts";
import { timeOf, timeOrNull, toPeriod } from "../convert.ts";

const changeOf = (now: number, before: number): number | null =>
  before === 0 ? null : percentOf(now - before, before);

const toHealth = ({ alerts, load, queue, database }: Performance) => ({
  status: alerts.some(({ severity }) => severity === "critical")
    ? ("critical" as const)
    : alerts.length > 0
      ? ("degraded" as const)
      : ("healthy" as const),
  uptime: load.uptimeMs,
  startDelayP95: queue.startDelay.p95,
  databaseStatementP95: database.p95,
  databaseFailureRate: database.failureRate,
  failureRateLastHour: load.failureRateLastHour,
  pendingEvents: queue.pendingEvents,
  deadLetters: queue.deadLetters,
  stuckExecutions: queue.stuck,
  alerts,
});

export const toOrganizationAnalytics = (analytics: OrganizationAnalytics) => {
  const { span, total, previous, usage } = analytics;
  const before = { from: span.from - (span.to - span.from), to: span.from };
  return {
    summary: {
      period: toPeriod(span),
      totalWorkflows: usage.workflows,
      activeWorkflows: usage.activeWorkflows,
      workflowsRun: analytics.ran,
      ...numbersOf(total),
      inProgress: Math.max(0, total.started - endedOf(total)),
      nodesExecuted: analytics.nodesExecuted,
      messagesSent: analytics.messagesByWorkflows,
      previousPeriod: { ...toPeriod(before), ...numbersOf(previous) },
    },
    topWorkflows: analytics.top.map((workflow) => ({
      workflowId: workflow.id,
      name: workflow.name,
      status: workflow.status,
      ...numbersOf(workflow.tally),
      messagesSent: workflow.messagesSent,
      changePercent: changeOf(workflow.tally.started, workflow.before),
      topErrorCode: workflow.topCode,
    })),
    systemHealth: toHealth(analytics.performance),
    usage: {
      period: toPeriod(span),
      executions: total.started,
      nodesExecuted: analytics.nodesExecuted,
      events: usage.events,
      messagesSent: usage.messagesSent,
      messagesReceived: usage.messagesReceived,
      storage: {
        executions: usage.executionsKept,
        messages: usage.messagesKept,
        contacts: usage.contacts,
        workflows: usage.workflows,
      },
    },
    recommendations: analytics.recommendations,
  };
};

export const toPerformance = ({ since, queue, load, database, services, alerts }: Performance, now: number) => ({
  executionQueue: {
    queued: queue.queued,
    running: queue.running,
    waiting: queue.waiting,
    waitingForSlot: queue.waitingForSlot,
    queueLimit: queue.limit,
    maxConcurrency: queue.maxConcurrency,
    busySlots: queue.busySlots,
    estimatedWaitTime: queue.estimatedWaitMs,
    pendingEvents: queue.pendingEvents,
    oldestPendingEventAt: timeOrNull(queue.oldestEventAt),
    deadLetters: queue.deadLetters,
    stuckExecutions: queue.stuck,
    startDelay: {
      average: queue.startDelay.mean,
      p50: queue.startDelay.p50,
      p95: queue.startDelay.p95,
      p99: queue.startDelay.p99,
      samples: queue.startDelay.samples,
    },
  },
  systemLoad: {
    executionsLastHour: load.startedLastHour,
    executionsPerMinute: load.perMinute,
    failureRateLastHour: load.failureRateLastHour,
    uptime: load.uptimeMs,
    requestTime: { ...load.requests, samples: load.requestSamples },
    requestFailureRate: load.requestFailureRate,
    objectErrors: load.objectErrors,
  },
  databasePerformance: {
    statementTime: { p50: database.p50, p95: database.p95, p99: database.p99, samples: database.samples },
    failureRate: database.failureRate,
    rowsReadPerStatement: database.rowsReadMean,
    rowsWrittenPerStatement: database.rowsWrittenMean,
  },
  externalServices: services.map((service) => ({
    service: service.service,
    calls: service.calls,
    failures: service.failed,
    failureRate: service.failureRate,
    averageTime: service.meanMs,
    p50Time: service.p50Ms,
    p95Time: service.p95Ms,
    p99Time: service.p99Ms,
    lastFailureAt: timeOrNull(service.lastFailedAt),
  })),
  alerts,
  since: timeOf(since),
  measuredAt: timeOf(now),
});
