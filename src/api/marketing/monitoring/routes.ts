// Executions, what their actions did, and numbers of all workflows: a route an operation. A handler is parse, convert, verb, convert.
import { cancelExecution } from "../../../domain/execution/cancel-execution.ts";
import {
  listActionLogs,
  listActionSteps,
  listRuns,
  listWorkflowRuns,
  readRun,
  readStatistics,
} from "../../../domain/execution/list-runs.ts";
import { sameRequest } from "../../../domain/idempotency/same-request.ts";
import { executeFor } from "../../../domain/marketing/execute-for.ts";
import { depthOf } from "../../shared/hops.ts";
import { idempotencyKeyOf } from "../../shared/idempotency-key.ts";
import { parsePage } from "../../shared/page.ts";
import { toPage } from "../convert.ts";
import { ALWAYS, BASE, marketingOperations } from "../operations.ts";
import { named, profileOf } from "../profile.ts";
import {
  fromExecute,
  fromLogQuery,
  fromRunQuery,
  fromStepQuery,
  toActionLog,
  toRun,
  toRunDetail,
  toStarted,
  toStep,
} from "./convert.ts";
import * as schema from "./schema.ts";

const WORKFLOW = `${BASE}/workflows/{id}` as const;
const RUNS = `${BASE}/workflow-executions` as const;
const tag = "Monitoring";

/** Actions that one run's own page shows. */
const ALL_STEPS = { limit: 1_000, offset: 0 };

const { routes, operation } = marketingOperations();

export { routes };

operation(
  {
    method: "get",
    path: `${BASE}/workflows/statistics`,
    summary: "Get statistics of all workflows",
    tag,
    answers: { 200: schema.statistics },
    errors: ALWAYS,
  },
  async (c) => {
    const { total, active, draft, paused, archived, ...runs } = await readStatistics(c.var.context);
    return c.json({
      total_workflows: total,
      active_workflows: active,
      draft_workflows: draft,
      paused_workflows: paused,
      archived_workflows: archived,
      total_executions: runs.executions,
      recent_executions: runs.recent,
      successful_executions: runs.successful,
      failed_executions: runs.failed,
    });
  },
);

operation(
  {
    method: "post",
    path: `${WORKFLOW}/execute`,
    summary: "Execute a workflow by hand",
    tag: "Workflows",
    body: schema.executeBody,
    headers: { "Idempotency-Key": "The same key starts the same run, for at least a day" },
    answers: { 200: schema.executed },
    errors: [400, ...ALWAYS, 404, 409, 422],
  },
  async (c, { body, params }) => {
    const profile = profileOf(undefined, body.context?.user ?? {}, "context.user");
    const request = fromExecute(body);
    const key = idempotencyKeyOf(c);
    const claim = { of: ["execute", params.id], key: key.idempotencyKey, asked: { profile, request } };
    const started = await sameRequest(c.var.context, claim, () =>
      named("context.user", "context.user.id", () =>
        executeFor(c.var.context, params.id, profile, { ...request, ...key, ...depthOf(c) }),
      ),
    );
    return c.json(toStarted(started));
  },
);

operation(
  {
    method: "get",
    path: `${WORKFLOW}/executions`,
    summary: "List a workflow's executions",
    tag: "Workflows",
    query: schema.ownRunQuery,
    answers: { 200: schema.runList },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { query, params }) => {
    const page = parsePage(c, "page_size");
    const { rows, total } = await listWorkflowRuns(c.var.context, params.id, fromRunQuery(query), page);
    return c.json(toPage(c, page, total, rows.map(toRun)));
  },
);

operation(
  {
    method: "get",
    path: RUNS,
    summary: "List the executions of all workflows",
    tag,
    query: schema.runQuery,
    answers: { 200: schema.runList },
    errors: [400, ...ALWAYS],
  },
  async (c, { query }) => {
    const page = parsePage(c, "page_size");
    const { rows, total } = await listRuns(c.var.context, fromRunQuery(query), page);
    return c.json(toPage(c, page, total, rows.map(toRun)));
  },
);

operation(
  {
    method: "get",
    path: `${RUNS}/{id}`,
    summary: "Get an execution",
    tag,
    answers: { 200: schema.runDetail },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => {
    const run = await readRun(c.var.context, params.id);
    const steps = await listActionSteps(c.var.context, { executionId: run.view.executionId }, ALL_STEPS);
    return c.json(toRunDetail(run, steps.rows.toReversed()));
  },
);

operation(
  {
    method: "post",
    path: `${RUNS}/{id}/cancel`,
    summary: "Cancel an execution",
    tag,
    answers: { 200: schema.cancelled },
    errors: [...ALWAYS, 404, 409],
  },
  async (c, { params }) => {
    const { executionId, cancelledAt } = await cancelExecution(c.var.context, params.id);
    return c.json({
      success: true,
      id: executionId,
      status: "CANCELLED",
      message: "Execution cancelled",
      cancelled_at: new Date(cancelledAt).toISOString(),
    });
  },
);

operation(
  {
    method: "get",
    path: `${BASE}/workflow-action-executions`,
    summary: "List action executions",
    tag,
    query: schema.stepQuery,
    answers: { 200: schema.stepList },
    errors: [400, ...ALWAYS],
  },
  async (c, { query }) => {
    const page = parsePage(c, "page_size");
    const { rows, total } = await listActionSteps(c.var.context, fromStepQuery(query), page);
    return c.json(toPage(c, page, total, rows.map(toStep)));
  },
);

operation(
  {
    method: "get",
    path: `${BASE}/action-logs`,
    summary: "List finished actions with their output and logs",
    tag,
    query: schema.logQuery,
    answers: { 200: schema.actionLogList },
    errors: [400, ...ALWAYS],
  },
  async (c, { query }) => {
    const page = parsePage(c, "page_size");
    const { rows, total } = await listActionLogs(c.var.context, fromLogQuery(query), page);
    return c.json(toPage(c, page, total, rows.map(toActionLog)));
  },
);
