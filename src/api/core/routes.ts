// A route an operation. A handler is parse, convert, verb, convert.
import { DomainError } from "../../domain/errors.ts";
import { cancelExecution } from "../../domain/execution/cancel-execution.ts";
import { executeWorkflow } from "../../domain/execution/execute-workflow.ts";
import { listExecutions } from "../../domain/execution/list-executions.ts";
import { readExecution } from "../../domain/execution/read-execution.ts";
import { testWorkflow } from "../../domain/execution/test-workflow.ts";
import { waitForExecution } from "../../domain/execution/wait-for-execution.ts";
import { checkHealth } from "../../domain/health/check-health.ts";
import { sameRequest } from "../../domain/idempotency/same-request.ts";
import { createWebhook } from "../../domain/webhook/create-webhook.ts";
import { deleteWebhook } from "../../domain/webhook/delete-webhook.ts";
import { listWebhooks } from "../../domain/webhook/list-webhooks.ts";
import { updateWebhook } from "../../domain/webhook/update-webhook.ts";
import { readWorkflow } from "../../domain/workflow/access.ts";
import { archiveWorkflow } from "../../domain/workflow/archive-workflow.ts";
import { createWorkflow } from "../../domain/workflow/create-workflow.ts";
import { listWorkflows } from "../../domain/workflow/list-workflows.ts";
import { publishWorkflow } from "../../domain/workflow/publish-workflow.ts";
import { updateWorkflow } from "../../domain/workflow/update-workflow.ts";
import { validateWorkflow } from "../../domain/workflow/validate-workflow.ts";
import { readWorkflowPermissions, setWorkflowPermissions } from "../../domain/workflow/workflow-permissions.ts";
import { depthOf } from "../shared/hops.ts";
import { idempotencyKeyOf } from "../shared/idempotency-key.ts";
import { documentOperation } from "../shared/openapi.ts";
import { operations } from "../shared/operation.ts";
import { parsePage } from "../shared/page.ts";
import * as convert from "./convert.ts";
import { instant } from "./convert.ts";
import { grpcRoutes } from "./grpc/handler.ts";
import { documentOf, VERSION } from "./openapi.ts";
import { receiveWebhook } from "./receive-webhook.ts";
import * as schema from "./schema.ts";

const WORKFLOWS = "/api/v1/workflows";
const WORKFLOW = `${WORKFLOWS}/{workflow_id}` as const;
const EXECUTION = `${WORKFLOWS}/executions/{execution_id}` as const;
const MODULE = "workflow_core_module";

const { routes, operation } = operations(schema.errorAnswer);

export { routes };

const ALWAYS = [401, 403, 500] as const;
const page = schema.pageQuery;

// ── Health and status ──

operation(
  {
    method: "get",
    path: "/health",
    summary: "Health check",
    tag: "Status",
    public: true,
    answers: { 200: schema.health },
    errors: [503],
  },
  async (c) => {
    if (!(await checkHealth(c.var.ports))) throw new DomainError("unavailable", "The database does not answer");
    return c.json({ success: true, data: { healthy: true, module: MODULE } });
  },
);

operation(
  {
    method: "get",
    path: "/api/v1/status",
    summary: "Module status",
    tag: "Status",
    public: true,
    answers: { 200: schema.moduleStatus },
    errors: [],
  },
  (c) => {
    const features = { workflows_enabled: true, release_mode: c.var.configuration.license.releaseMode };
    return c.json({ success: true, data: { status: "operational", module: MODULE, version: VERSION, features } });
  },
);

// ── Webhooks, public ──

operation(
  {
    method: "post",
    path: `${WORKFLOWS}/webhooks/{token}`,
    summary: "Trigger a workflow",
    tag: "Webhooks",
    public: true,
    headers: {
      "X-Webhook-Signature": "sha256= and the hex HMAC-SHA256 of token and body, keyed with the webhook's secret",
    },
    answers: { 200: schema.triggeredWebhook },
    errors: [400, 403, 404, 413, 429, 503],
  },
  (c, { params }) => receiveWebhook(c, params.token),
);

// ── Executions ──

operation(
  {
    method: "get",
    path: EXECUTION,
    summary: "Get execution details",
    tag: "Executions",
    query: schema.readExecutionQuery,
    answers: { 200: schema.executionDetails },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { query, params }) => {
    const view = await readExecution(c.var.context, params.execution_id);
    const include = { logs: query.include_logs, metrics: query.include_metrics };
    return c.json({ success: true, data: convert.executionOf(view, include) });
  },
);

operation(
  {
    method: "post",
    path: `${EXECUTION}/cancel`,
    summary: "Cancel an execution",
    tag: "Executions",
    body: schema.cancelBody,
    answers: { 200: schema.cancelledExecution },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { body, params }) => {
    const { executionId, cancelledAt } = await cancelExecution(c.var.context, params.execution_id, body.reason);
    return c.json({
      success: true,
      message: "Execution cancelled successfully",
      data: { execution_id: executionId, status: "cancelled", cancelled_at: instant(cancelledAt) },
    });
  },
);

// ── Workflows ──

operation(
  {
    method: "post",
    path: WORKFLOWS,
    summary: "Create a workflow",
    tag: "Workflows",
    body: schema.createWorkflowBody,
    answers: { 201: schema.createdWorkflow },
    errors: [400, 402, 413, ...ALWAYS],
  },
  async (c, { body }) => {
    const license = { rules: c.var.configuration.license, key: body.license_key ?? undefined };
    const workflow = await createWorkflow(c.var.context, "core", { ...convert.newWorkflowOf(body), license });
    const { id, name, status, createdAt } = workflow;
    const data = { workflow_id: id, name, status, created_at: instant(createdAt) };
    return c.json({ success: true, message: "Workflow created successfully", data }, 201);
  },
);

operation(
  {
    method: "get",
    path: WORKFLOWS,
    summary: "List workflows",
    tag: "Workflows",
    query: schema.listWorkflowsQuery,
    answers: { 200: schema.workflowList },
    errors: [400, ...ALWAYS],
  },
  async (c, { query }) => {
    const asked = parsePage(c, "per_page");
    const { entity_id: entityId, status, search } = query;
    const found = await listWorkflows(c.var.context, { entityId, status, search }, asked);
    return c.json({ success: true, ...convert.pageOf(found, asked, convert.summaryOf) });
  },
);

operation(documentOperation(`${WORKFLOWS}/openapi.json`), (c) => c.json(documentOf(routes)));

operation(
  {
    method: "get",
    path: WORKFLOW,
    summary: "Get a workflow",
    tag: "Workflows",
    query: schema.contextQuery,
    answers: { 200: schema.workflowDetails },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { params }) => {
    const workflow = await readWorkflow(c.var.context, params.workflow_id);
    return c.json({ success: true, data: convert.detailsOf(workflow) });
  },
);

operation(
  {
    method: "put",
    path: WORKFLOW,
    summary: "Update a workflow",
    tag: "Workflows",
    body: schema.updateWorkflowBody,
    answers: { 200: schema.updatedWorkflow },
    errors: [400, ...ALWAYS, 404, 409, 413],
  },
  async (c, { body, params }) => {
    const workflow = await updateWorkflow(c.var.context, "core", params.workflow_id, convert.workflowChangeOf(body));
    const data = { workflow_id: workflow.id, updated_at: instant(workflow.updatedAt) };
    return c.json({ success: true, message: "Workflow updated successfully", data });
  },
);

operation(
  {
    method: "delete",
    path: WORKFLOW,
    summary: "Archive a workflow",
    tag: "Workflows",
    answers: { 200: schema.archivedWorkflow },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => {
    const { id, status } = await archiveWorkflow(c.var.context, params.workflow_id);
    return c.json({ success: true, message: "Workflow archived successfully", data: { workflow_id: id, status } });
  },
);

operation(
  {
    method: "post",
    path: `${WORKFLOW}/publish`,
    summary: "Publish a workflow",
    tag: "Workflows",
    body: schema.contextBody,
    answers: { 200: schema.publishedWorkflow },
    errors: [400, ...ALWAYS, 404, 409],
  },
  async (c, { params }) => {
    const { workflow, publishedAt, version } = await publishWorkflow(c.var.context, "core", params.workflow_id);
    const data = { workflow_id: workflow.id, status: workflow.status, published_at: instant(publishedAt), version };
    return c.json({ success: true, message: "Workflow published successfully", data });
  },
);

operation(
  {
    method: "post",
    path: `${WORKFLOW}/validate`,
    summary: "Validate a workflow",
    tag: "Workflows",
    isRead: true,
    body: schema.contextBody,
    answers: { 200: schema.validation },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { params }) => {
    const findings = await validateWorkflow(c.var.context, params.workflow_id);
    return c.json({ success: true, message: "Validation completed", data: convert.validationOf(findings) });
  },
);

operation(
  {
    method: "get",
    path: `${WORKFLOW}/permissions`,
    summary: "Get a workflow's permissions",
    tag: "Workflows",
    answers: { 200: schema.permissions },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => {
    const workflowId = params.workflow_id;
    const permissions = await readWorkflowPermissions(c.var.context, workflowId);
    return c.json({ success: true, data: convert.permissionsOf(workflowId, permissions) });
  },
);

operation(
  {
    method: "put",
    path: `${WORKFLOW}/permissions`,
    summary: "Set a workflow's permissions",
    tag: "Workflows",
    body: schema.permissionsBody,
    answers: { 200: schema.permissions },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { body, params }) => {
    const workflowId = params.workflow_id;
    const permissions = await setWorkflowPermissions(
      c.var.context,
      workflowId,
      body.permissions.map(convert.permissionFrom),
    );
    return c.json({ success: true, data: convert.permissionsOf(workflowId, permissions) });
  },
);

// ── Executions of a workflow ──

operation(
  {
    method: "post",
    path: `${WORKFLOW}/execute`,
    summary: "Execute a workflow",
    tag: "Executions",
    body: schema.executeBody,
    headers: { "Idempotency-Key": "The same key starts the same run, for at least a day" },
    answers: { 202: schema.startedExecution, 200: schema.finishedExecution },
    errors: [400, ...ALWAYS, 404, 409, 413, 503, 504],
  },
  async (c, { body, params }) => {
    const asked = convert.executeRequestOf(body);
    const key = idempotencyKeyOf(c);
    const claim = { of: ["execute", params.workflow_id], key: key.idempotencyKey, asked };
    const started = await sameRequest(c.var.context, claim, () =>
      executeWorkflow(c.var.context, params.workflow_id, { ...asked, ...key, ...depthOf(c) }),
    );
    if (body.wait) {
      const view = await waitForExecution(c.var.context, started, (body.timeout_seconds ?? schema.WAIT_SECONDS) * 1000);
      const data = convert.executionOf(view, { logs: true, metrics: false });
      return c.json({ success: true, message: "Workflow execution finished", data });
    }
    return c.json({ success: true, message: "Workflow execution started", data: convert.startedOf(started) }, 202);
  },
);

operation(
  {
    method: "get",
    path: `${WORKFLOW}/executions`,
    summary: "List a workflow's executions",
    tag: "Executions",
    query: schema.listExecutionsQuery,
    answers: { 200: schema.executionList },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { query, params }) => {
    const asked = parsePage(c, "per_page");
    const found = await listExecutions(c.var.context, convert.executionFilterOf(params.workflow_id, query), asked);
    return c.json({ success: true, ...convert.pageOf(found, asked, convert.listedExecutionOf) });
  },
);

operation(
  {
    method: "post",
    path: `${WORKFLOW}/test`,
    summary: "Test a workflow without side effects",
    tag: "Executions",
    perMinute: 60,
    computes: true,
    body: schema.testBody,
    answers: { 200: schema.testedWorkflow },
    errors: [400, ...ALWAYS, 404, 413, 429],
  },
  async (c, { body, params }) => {
    const tested = await testWorkflow(c.var.context, params.workflow_id, convert.runRequestOf(body));
    return c.json({ success: true, message: "Workflow test completed", data: convert.testedOf(tested) });
  },
);

// ── Webhooks of a workflow ──

operation(
  {
    method: "get",
    path: `${WORKFLOW}/webhooks`,
    summary: "List webhooks",
    tag: "Webhooks",
    query: page,
    answers: { 200: schema.webhookList },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { params }) => {
    const asked = parsePage(c, "per_page");
    const found = await listWebhooks(c.var.context, params.workflow_id, asked);
    const shown = convert.pageOf(found, asked, convert.webhookOf(convert.originOf(c)));
    return c.json({ success: true, message: `Retrieved ${shown.data.length} webhooks`, ...shown });
  },
);

operation(
  {
    method: "post",
    path: `${WORKFLOW}/webhooks`,
    summary: "Create a webhook",
    tag: "Webhooks",
    body: schema.createWebhookBody,
    answers: { 201: schema.createdWebhook },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { body, params }) => {
    const input = { ...convert.webhookChangeOf(body), name: body.name };
    const { webhook, secret } = await createWebhook(c.var.context, params.workflow_id, input);
    const data = { ...convert.webhookOf(convert.originOf(c))(webhook), secret };
    return c.json({ success: true, message: "Webhook created successfully", data }, 201);
  },
);

operation(
  {
    method: "patch",
    path: `${WORKFLOW}/webhooks/{webhook_id}`,
    summary: "Change a webhook",
    tag: "Webhooks",
    body: schema.updateWebhookBody,
    answers: { 200: schema.updatedWebhook },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { body, params }) => {
    const { workflow_id: workflowId, webhook_id: webhookId } = params as { workflow_id: string; webhook_id: string };
    const webhook = await updateWebhook(c.var.context, workflowId, webhookId, convert.webhookChangeOf(body));
    const data = convert.webhookOf(convert.originOf(c))(webhook);
    return c.json({ success: true, message: "Webhook updated successfully", data });
  },
);

operation(
  {
    method: "delete",
    path: `${WORKFLOW}/webhooks/{webhook_id}`,
    summary: "Delete a webhook",
    tag: "Webhooks",
    answers: { 200: schema.deletedWebhook },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => {
    const { workflow_id: workflowId, webhook_id: webhookId } = params as { workflow_id: string; webhook_id: string };
    await deleteWebhook(c.var.context, workflowId, webhookId);
    return c.json({ success: true, message: "Webhook deleted successfully", data: { webhook_id: webhookId } });
  },
);

// ── gRPC ──

for (const { path, answer } of grpcRoutes) routes.post(path, answer);
