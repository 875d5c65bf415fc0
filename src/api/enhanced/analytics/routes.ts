// Analytics: of one workflow, of the organisation, and of how the service performs for it. A handler is parse, convert, verb, convert.
import { analyzeOrganization } from "../../../domain/analytics/organization-analytics.ts";
import { readPerformance } from "../../../domain/analytics/performance.ts";
import { analyzeWorkflow } from "../../../domain/analytics/workflow-analytics.ts";
import type { ApiContext } from "../../shared/api.ts";
import { parse } from "../../shared/parse.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import { toOrganizationAnalytics, toPerformance } from "./convert-organization.ts";
import { figuresAsked, fromAnalyticsQuery, toWorkflowAnalytics } from "./convert-workflow.ts";
import { organizationAnalytics } from "./organization-schema.ts";
import { performanceMetrics } from "./performance-schema.ts";
import { metricsFilter, workflowAnalytics, workflowAnalyticsQuery } from "./workflow-schema.ts";

const { routes, operation } = enhancedOperations();
const tag = "Analytics";

/** `metrics=a&metrics=b`, `metrics[]=a` and `metrics=a,b`; `success_rate` is `successRate`. */
const metricsOf = (c: ApiContext): string[] => {
  const sent = [...(c.req.queries("metrics") ?? []), ...(c.req.queries("metrics[]") ?? [])];
  const metrics = sent
    .flatMap((one) => one.split(","))
    .map((one) => one.trim().replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  return parse(metricsFilter, { metrics: metrics.filter((one) => one !== "") }).metrics;
};

operation(
  {
    method: "get",
    path: `${BASE}/analytics/workflows/{id}`,
    summary:
      "A workflow's executions in a time: in all, along the time, what took how long, why they failed, where it goes",
    tag,
    query: workflowAnalyticsQuery,
    answers: { 200: workflowAnalytics },
    errors: [...ALWAYS, 404],
  },
  async (c, { query, params }) => {
    const figures = figuresAsked(metricsOf(c));
    const analytics = await analyzeWorkflow(c.var.context, params.id, fromAnalyticsQuery(query));
    return c.json(toWorkflowAnalytics(analytics, figures));
  },
);

operation(
  {
    method: "get",
    path: `${BASE}/analytics/organization`,
    summary:
      "The last 30 days of all workflows: what they did, which did most, how healthy that is, what is used, what could be done better",
    tag,
    perMinute: 60,
    answers: { 200: organizationAnalytics },
    errors: [...ALWAYS],
  },
  async (c) => c.json(toOrganizationAnalytics(await analyzeOrganization(c.var.context))),
);

operation(
  {
    method: "get",
    path: `${BASE}/analytics/performance`,
    summary:
      "Get the service's performance for the organization now: queue, load, database, external services and alerts",
    tag,
    answers: { 200: performanceMetrics },
    errors: [...ALWAYS],
  },
  async (c) => c.json(toPerformance(await readPerformance(c.var.context), c.var.context.ports.now())),
);

export { routes };
