// The only place where the core API's names meet ours: graphs, findings, runs and webhooks, both ways. No decision is made here.
import type { z } from "@hono/zod-openapi";
import type { ExecuteRequest, StartedExecution } from "../../domain/execution/execute-workflow.ts";
import type { ExecutionFilter, ExecutionListing } from "../../domain/execution/list-executions.ts";
import type { TestedRun } from "../../domain/execution/test-workflow.ts";
import type { ExecutionView, NodeVisitView } from "../../domain/ports.ts";
import { hideSecretNames, mapTexts } from "../../domain/variable/secret-name.ts";
import type { Webhook } from "../../domain/webhook/webhook.ts";
import type { WebhookChange } from "../../domain/webhook/webhook-rules.ts";
import type { NewWorkflow } from "../../domain/workflow/create-workflow.ts";
import { type Definition, emptyDefinition, type Finding } from "../../domain/workflow/definition.ts";
import type { WorkflowChange } from "../../domain/workflow/update-workflow.ts";
import type { Workflow, WorkflowSummary } from "../../domain/workflow/workflow.ts";
import type { WorkflowPermission } from "../../domain/workflow/workflow-permissions.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { ApiContext } from "../shared/api.ts";
import { type Page, pageCount } from "../shared/page.ts";
import type * as schema from "./schema.ts";

type Wire<T extends z.ZodType> = z.output<T>;
type Graph = Pick<Wire<typeof schema.updateWorkflowBody>, "nodes" | "connections" | "global_variables" | "settings">;

export const instant = (epochMs: number): string => new Date(epochMs).toISOString();
const instantOrNull = (epochMs: number | null): string | null => (epochMs === null ? null : instant(epochMs));
const seconds = (ms: number): number => Math.round(ms) / 1000;

// ── Graphs ──

/** The parts of a definition that a body names; what it leaves out is not in the answer. */
export const definitionOf = (graph: Graph): Partial<Definition> => ({
  ...(graph.nodes && {
    nodes: Object.fromEntries(
      Object.entries(graph.nodes).map(([id, { node_type, config, ...rest }]) => [
        id,
        { type: node_type, ...rest, config: config as JsonObject },
      ]),
    ),
  }),
  ...(graph.connections && { edges: edgesOf(graph.connections) }),
  ...(graph.global_variables && { variables: graph.global_variables as JsonObject }),
  ...(graph.settings && { settings: settingsOf(graph.settings) }),
});

const settingsOf = ({ timeout_seconds }: NonNullable<Graph["settings"]>): NonNullable<Definition["settings"]> =>
  timeout_seconds === undefined ? {} : { timeoutSeconds: timeout_seconds };

/** Connections that came without an id get `conn<n>`, the first that is free. */
const edgesOf = (connections: NonNullable<Graph["connections"]>): Definition["edges"] => {
  const taken = new Set(connections.map((connection) => connection.connection_id));
  let n = 0;
  const free = (): string => {
    do n++;
    while (taken.has(`conn${n}`));
    return `conn${n}`;
  };
  return connections.map((connection) => ({
    id: connection.connection_id ?? free(),
    from: connection.from_node_id,
    fromPort: connection.from_port_name,
    to: connection.to_node_id,
    toPort: connection.to_port_name,
  }));
};

export const graphOf = (definition: Definition): Required<Graph> => ({
  nodes: Object.fromEntries(
    Object.entries(definition.nodes).map(([id, { type, config, ...rest }]) => [
      id,
      { node_type: type, ...rest, config },
    ]),
  ),
  connections: definition.edges.map((edge) => ({
    connection_id: edge.id,
    from_node_id: edge.from,
    from_port_name: edge.fromPort,
    to_node_id: edge.to,
    to_port_name: edge.toPort,
  })),
  global_variables: mapTexts(definition.variables, (text) => hideSecretNames(text, "[redacted]")),
  settings:
    definition.settings?.timeoutSeconds === undefined ? {} : { timeout_seconds: definition.settings.timeoutSeconds },
});

const EDGE_FIELDS: Record<string, string> = {
  id: "connection_id",
  from: "from_node_id",
  fromPort: "from_port_name",
  to: "to_node_id",
  toPort: "to_port_name",
};

/** A path inside a definition as a path inside a body. `code` is the finding's: a config may have a field `type` of its own. */
export const graphFieldOf = (path: string, code?: string): string => {
  if (code === "unknown_node_type") return path.replace(/\.type$/, ".node_type");
  const edge = /^edges(?:\.(\d+)(?:\.(\w+))?)?$/.exec(path);
  if (!edge) return path;
  const [, index, field] = edge;
  return ["connections", index, field && (EDGE_FIELDS[field] ?? field)].filter((part) => part !== undefined).join(".");
};

/** A finding as one sentence that stands by itself: it names its node, and the field when the sentence does not. */
const sentenceOf = ({ message, nodeId, path }: Finding): string => {
  if (nodeId === undefined || message.includes(`'${nodeId}'`)) return message;
  const field = path.slice(`nodes.${nodeId}.`.length);
  return `Node '${nodeId}'${field ? ` ${field}` : ""}: ${message}`;
};

export const validationOf = (findings: Finding[]): Wire<typeof schema.validation>["data"] => {
  const errors = findings.filter((finding) => finding.severity === "error");
  const warnings = findings.filter((finding) => finding.severity === "warning");
  const byNode: Record<string, string[]> = {};
  for (const finding of errors) {
    if (finding.nodeId === undefined) continue;
    byNode[finding.nodeId] = [...(byNode[finding.nodeId] ?? []), sentenceOf(finding)];
  }
  return {
    is_valid: errors.length === 0,
    errors: errors.map(sentenceOf),
    warnings: warnings.map(sentenceOf),
    node_validation_errors: byNode,
    error_count: errors.length,
    warning_count: warnings.length,
    findings: [...errors, ...warnings].map((finding) => ({
      severity: finding.severity,
      code: finding.code,
      message: sentenceOf(finding),
      node_id: finding.nodeId ?? null,
      field: graphFieldOf(finding.path, finding.code),
    })),
  };
};

// ── Workflows ──

export const newWorkflowOf = ({
  name,
  description,
  entity_id,
  community_id,
  ...graph
}: Wire<typeof schema.createWorkflowBody>): NewWorkflow => ({
  name,
  description,
  entityId: entity_id,
  communityId: community_id ?? null,
  definition: { ...emptyDefinition(), ...definitionOf(graph) },
});

/** A field that is absent stays absent, and so keeps its value. */
export const workflowChangeOf = ({
  name,
  description,
  community_id,
  ...graph
}: Wire<typeof schema.updateWorkflowBody>): WorkflowChange => {
  const definition = definitionOf(graph);
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(community_id !== undefined && { communityId: community_id }),
    ...(Object.keys(definition).length > 0 && { definition }),
  };
};

export const summaryOf = (workflow: WorkflowSummary) => ({
  workflow_id: workflow.id,
  name: workflow.name,
  description: workflow.description,
  status: workflow.status,
  entity_id: workflow.entityId,
  community_id: workflow.communityId,
  created_at: instant(workflow.createdAt),
  updated_at: instant(workflow.updatedAt),
});

export const detailsOf = (workflow: Workflow): Wire<typeof schema.workflowDetails>["data"] => ({
  ...summaryOf(workflow),
  ...graphOf(workflow.definition),
  created_by: workflow.createdBy,
  published_at: instantOrNull(workflow.publishedAt),
});

type WirePermission = Wire<typeof schema.permissionsBody>["permissions"][number];

export const permissionFrom = ({
  user_id,
  can_view,
  can_edit,
  can_delete,
  can_execute,
}: WirePermission): WorkflowPermission => ({
  userId: user_id,
  canView: can_view,
  canEdit: can_edit,
  canDelete: can_delete,
  canExecute: can_execute,
});

export const permissionsOf = (
  workflowId: string,
  permissions: WorkflowPermission[],
): Wire<typeof schema.permissions>["data"] => ({
  workflow_id: workflowId,
  permissions: permissions.map(({ userId, canView, canEdit, canDelete, canExecute }) => ({
    user_id: userId,
    can_view: canView,
    can_edit: canEdit,
    can_delete: canDelete,
    can_execute: canExecute,
  })),
});

// ── Executions ──

export const runRequestOf = ({ variables, metadata }: Wire<typeof schema.testBody>) => ({
  variables: variables as JsonObject,
  metadata: metadata as JsonObject,
});

export const executeRequestOf = (body: Wire<typeof schema.executeBody>): ExecuteRequest => ({
  ...runRequestOf(body),
  ...(body.contact_id == null ? {} : { contactId: body.contact_id }),
});

export const startedOf = ({
  executionId,
  workflowId,
  startedAt,
  status,
}: StartedExecution): Wire<typeof schema.startedExecution>["data"] => ({
  execution_id: executionId,
  workflow_id: workflowId,
  // One that goes through without a wait may have ended by now: it was started all the same.
  status: status === "queued" ? "queued" : "running",
  start_time: instant(startedAt),
  execution_path: [],
});

const SORTS = { start_time: "startedAt", status: "coarseStatus", execution_time: "duration" } as const;

export const executionFilterOf = (
  workflowId: string,
  query: Wire<typeof schema.listExecutionsQuery>,
): ExecutionFilter => ({
  workflowId,
  sortBy: SORTS[query.sort_by],
  order: query.sort_order,
  ...(query.status && { statuses: statusesOf(query.status) }),
});

type CoreStatus = "queued" | "running" | "completed" | "failed" | "cancelled";

/** The document knows five words; a waiting run runs, and one that ran out of time has failed (its error says so). */
const STATUS: Record<ExecutionView["status"], CoreStatus> = {
  queued: "queued",
  running: "running",
  waiting: "running",
  completed: "completed",
  failed: "failed",
  timed_out: "failed",
  cancelled: "cancelled",
};

export const statusOf = (status: ExecutionView["status"]): CoreStatus => STATUS[status];

/** The product's words that one of the document's stands for. */
export const statusesOf = (status: CoreStatus): ExecutionView["status"][] =>
  (Object.keys(STATUS) as ExecutionView["status"][]).filter((ours) => STATUS[ours] === status);

const TIMED_OUT = "Workflow execution timed out";

const nodeStatusOf = (status: NodeVisitView["status"]): string => (status === "waiting" ? "running" : status);

/** The beginning and the end of a visit in the document's words, around what was logged in between. */
const linesOf = ({ status, logs, error, port }: NodeVisitView): string[] => {
  const left = port === null || port === "output" ? "" : `, left by '${port}'`;
  const ends: Partial<Record<NodeVisitView["status"], string>> = {
    completed: `Execution completed${left}`,
    failed: `Execution failed: ${error?.message ?? "no reason was given"}${left}`,
    cancelled: "Execution cancelled",
  };
  const end = ends[status];
  return ["Execution started", ...logs, ...(end === undefined ? [] : [end])];
};

/** The last visit of each node stands for it; `visits` says how many there were. */
const nodeStatesOf = (visits: NodeVisitView[], includeLogs: boolean) => {
  const states: Wire<typeof schema.executionFields>["node_states"] = {};
  for (const visit of visits) {
    states[visit.nodeId] = {
      node_id: visit.nodeId,
      node_type: visit.nodeType,
      status: nodeStatusOf(visit.status),
      started_at: instant(visit.startedAt),
      completed_at: instantOrNull(visit.completedAt),
      input_data: visit.input ?? {},
      output_data: visit.output ?? {},
      logs: includeLogs ? linesOf(visit) : [],
      error: visit.error?.message ?? null,
      visits: visit.visit,
      attempts: visit.attempts,
    };
  }
  return states;
};

export const executionOf = (
  view: ExecutionView,
  include: { logs: boolean; metrics: boolean },
): Wire<typeof schema.executionFields> => ({
  execution_id: view.executionId,
  workflow_id: view.workflowId,
  status: statusOf(view.status),
  start_time: instant(view.startedAt),
  end_time: instantOrNull(view.endedAt),
  execution_time_seconds: view.endedAt === null ? null : seconds(view.endedAt - view.startedAt),
  execution_path: view.path,
  node_states: nodeStatesOf(view.visits, include.logs),
  final_variables: view.variables,
  final_output: view.output ?? {},
  error_message: view.error?.message ?? (view.status === "timed_out" ? TIMED_OUT : null),
  error_node_id: view.error?.nodeId ?? null,
  ...(include.metrics && {
    metrics: {
      nodes_executed: view.path.length,
      steps: view.metrics.steps,
      commits: view.metrics.commits,
      attempts: view.metrics.attempts,
      total_seconds: seconds(view.metrics.totalMs),
      effect_seconds: seconds(view.metrics.effectMs),
      wait_seconds: seconds(view.metrics.waitMs),
    },
  }),
});

export const listedExecutionOf = (row: ExecutionListing): Wire<typeof schema.executionList>["data"][number] => ({
  execution_id: row.id,
  workflow_id: row.workflowId,
  status: statusOf(row.status),
  start_time: instant(row.startedAt ?? row.createdAt),
  end_time: instantOrNull(row.endedAt),
  execution_time_seconds: row.durationMs === null ? null : seconds(row.durationMs),
  nodes_executed: row.nodesExecuted,
  success: row.status === "completed",
  error: row.error ?? (row.status === "timed_out" ? TIMED_OUT : null),
});

export const testedOf = ({ view, mocked }: TestedRun): Wire<typeof schema.testedWorkflow>["data"] => {
  const endedAt = view.endedAt ?? view.startedAt;
  const failed = view.visits.filter((visit) => visit.status === "failed").length;
  return {
    execution_id: view.executionId,
    workflow_id: view.workflowId,
    test_mode: true,
    status: statusOf(view.status),
    execution_time_seconds: seconds(endedAt - view.startedAt),
    trace: view.visits.map((visit) => ({
      node_id: visit.nodeId,
      node_type: visit.nodeType,
      status: nodeStatusOf(visit.status),
      duration_seconds: seconds((visit.completedAt ?? endedAt) - visit.startedAt),
      input: visit.input ?? {},
      output: visit.output ?? {},
      logs: linesOf(visit),
      error: visit.error?.message ?? null,
      mocked: mocked.has(visit.n),
    })),
    final_variables: view.variables,
    final_output: view.output ?? {},
    error_message: view.error?.message ?? null,
    summary: {
      nodes_executed: view.visits.length,
      nodes_failed: failed,
      total_duration: seconds(endedAt - view.startedAt),
      passed: view.status === "completed",
    },
  };
};

// ── Webhooks ──

/** Where this deployment is reached from outside. */
export const originOf = (c: ApiContext): string => c.var.configuration.publicUrl ?? new URL(c.req.url).origin;

export const webhookUrl = (origin: string, token: string): string => `${origin}/api/v1/workflows/webhooks/${token}`;

const WEBHOOK_FIELDS = {
  description: "description",
  name: "name",
  enabled: "enabled",
  require_signature: "requireSignature",
  signature_scheme: "signatureScheme",
  secret: "secret",
  ip_allowlist: "ipAllowlist",
  rate_limit_max: "rateLimitMax",
  rate_limit_window: "rateLimitWindow",
} as const;

export const webhookChangeOf = (body: Wire<typeof schema.updateWebhookBody>): WebhookChange =>
  Object.fromEntries(
    Object.entries(WEBHOOK_FIELDS).flatMap(([wire, ours]) => {
      const value = body[wire as keyof typeof WEBHOOK_FIELDS];
      return value === undefined ? [] : [[ours, value]];
    }),
  );

export const webhookOf =
  (origin: string) =>
  (webhook: Webhook): Wire<typeof schema.updatedWebhook>["data"] => ({
    webhook_id: webhook.id,
    workflow_id: webhook.workflowId,
    token: webhook.token,
    name: webhook.name,
    description: webhook.description,
    url: webhookUrl(origin, webhook.token),
    enabled: webhook.enabled,
    require_signature: webhook.requireSignature,
    signature_scheme: webhook.signatureScheme,
    ip_allowlist: webhook.ipAllowlist,
    rate_limit_max: webhook.rateLimitMax,
    rate_limit_window: webhook.rateLimitWindow,
    created_at: instant(webhook.createdAt),
    last_triggered_at: instantOrNull(webhook.lastTriggeredAt),
    trigger_count: webhook.triggerCount,
  });

// ── Pages ──

export const pageOf = <Row, Shown>(
  { rows, total }: { rows: Row[]; total: number },
  { page, size }: Page,
  show: (row: Row) => Shown,
) => {
  const pages = pageCount(total, size);
  return {
    data: rows.map(show),
    meta: {
      pagination: { page, per_page: size, total, total_pages: pages, has_next: page < pages, has_prev: page > 1 },
    },
  };
};
