// Analytics: of one workflow, of the organisation, and of how the service performs for it. A handler is parse, convert, verb, convert.
import { analyzeWorkflow } from "../../../domain/analytics/workflow-analytics.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import { askedFor, fromAnalyticsQuery, toWorkflowAnalytics } from "./convert-workflow.ts";
import { workflowAnalytics, workflowAnalyticsQuery } from "./workflow-schema.ts";

const { routes, operation } = enhancedOperations();
const tag = "Analytics";

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
    const analytics = await analyzeWorkflow(c.var.context, params.id!, fromAnalyticsQuery(query));
    return c.json(toWorkflowAnalytics(analytics, askedFor(query.metrics)));
  },
);

export { routes };
