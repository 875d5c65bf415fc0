// Wire shapes of an organisation's analytics.
import { z } from "@hono/zod-openapi";
import { count, instant, ms, percent } from "../schema.ts";
import { performanceAlert } from "./performance-schema.ts";

const figures = {
  totalExecutions: count,
  successful: count,
  failed: count,
  cancelled: count,
  timedOut: count,
  successRate: percent,
  avgExecutionTime: ms,
};

const organizationSummary = z
  .object({
    /** The last 30 days, UTC, with today. */
    period: z.object({ startDate: instant, endDate: instant }),
    totalWorkflows: count,
    activeWorkflows: count,
    /** That ran in the time. */
    workflowsRun: count,
    ...figures,
    inProgress: count,
    nodesExecuted: count,
    messagesSent: count,
    previousPeriod: z.object({ startDate: instant, endDate: instant, ...figures }),
  })
  .openapi("OrganizationAnalyticsSummary");

const topWorkflow = z
  .object({
    workflowId: z.string(),
    name: z.string(),
    status: z.string(),
    ...figures,
    messagesSent: count,
    /** Against as long a time before; null where there was none. */
    changePercent: z.number().nullable(),
    topErrorCode: z.string().nullable(),
  })
  .openapi("TopWorkflowMetrics");

const systemHealth = z
  .object({
    status: z.enum(["healthy", "degraded", "critical"]),
    uptime: ms,
    startDelayP95: ms.nullable(),
    databaseStatementP95: ms.nullable(),
    databaseFailureRate: percent,
    failureRateLastHour: percent,
    pendingEvents: count,
    deadLetters: count,
    stuckExecutions: count,
    /** What makes it so: as GET /analytics/performance has them. */
    alerts: z.array(performanceAlert),
  })
  .openapi("SystemHealthMetrics");

const usageMetrics = z
  .object({
    period: z.object({ startDate: instant, endDate: instant }),
    executions: count,
    nodesExecuted: count,
    events: count,
    messagesSent: count,
    messagesReceived: count,
    /** What is kept now. */
    storage: z.object({ executions: count, messages: count, contacts: count, workflows: count }),
  })
  .openapi("UsageMetrics");

const recommendation = z
  .object({
    type: z.string(),
    severity: z.enum(["high", "medium", "low"]),
    title: z.string(),
    action: z.string(),
    workflowId: z.string().nullable(),
    nodeId: z.string().nullable(),
    /** The numbers that it rests on: times in ms, shares in percent. */
    evidence: z.record(z.string(), z.union([z.string(), z.number()])),
  })
  .openapi("OptimizationRecommendation");

export const organizationAnalytics = z
  .object({
    summary: organizationSummary,
    /** Those with most executions first, 10 at the most. */
    topWorkflows: z.array(topWorkflow),
    systemHealth,
    usage: usageMetrics,
    recommendations: z.array(recommendation),
  })
  .openapi("OrganizationAnalyticsResponse");
