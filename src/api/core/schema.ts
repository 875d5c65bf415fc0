// The wire shapes of the core API, and the source of its OpenAPI document. Names here are the document's; ours begin in convert.ts.
import { z } from "@hono/zod-openapi";
import { SIGNATURE_SCHEMES } from "../../domain/webhook/signature.ts";
import { MAX_CONNECTIONS, MAX_WORKFLOW_NODES } from "../../domain/workflow/limits.ts";
import { isLine, isProse } from "../../lib/plain-text.ts";

// ── What fields are made of ──

const NO_TEXT = "Has characters that are not text.";
const text = (max: number) => z.string().max(max).refine(isProse, NO_TEXT);
const line = (max: number) => z.string().max(max).refine(isLine, NO_TEXT);
const name = line(255).refine((value) => value.trim() !== "", "May not be empty.");
const json: z.ZodType<unknown> = z.unknown().openapi({ description: "Any JSON value" });
const jsonObject = z.record(z.string(), json);
const label = z.int().openapi({ description: "A label inside the caller's organization", example: 123 });
/** Clients that have no value for it may say null. */
const optionalLabel = label.nullish();
const instant = z.iso.datetime().openapi({ example: "2025-12-16T10:00:00.000Z" });
const id = z.string().openapi({ description: "UUID" });

/** Numbers and truth values as a query string writes them. */
const integerText = ({ min }: { min?: number } = {}) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, "Must be a whole number.")
    .transform(Number)
    .openapi({ type: "integer", ...(min === undefined ? {} : { minimum: min }) });
const flagText = z
  .string()
  .toLowerCase()
  .pipe(z.enum(["true", "false", "1", "0"], "Must be true or false."))
  .transform((word) => word === "true" || word === "1")
  .openapi({ type: "boolean" });

/** Read by api/shared/page.ts; here for the document. */
const page = {
  page: integerText({ min: 1 }).optional().openapi({ default: 1 }),
  per_page: integerText({ min: 1 }).optional().openapi({ default: 20, maximum: 100 }),
};

// ── The graph ──

export const nodeSchema = z
  .strictObject({
    node_type: line(100).min(1),
    label: text(200).optional(),
    position: z.strictObject({ x: z.number(), y: z.number() }).optional(),
    config: jsonObject.default({}),
  })
  .openapi("Node");

export const connectionSchema = z
  .strictObject({
    connection_id: line(128).min(1).optional(),
    from_node_id: line(128).min(1),
    from_port_name: line(128).min(1).default("output"),
    to_node_id: line(128).min(1),
    to_port_name: line(128).min(1).default("input"),
  })
  .openapi("Connection");

const nodes = z
  .record(line(128).min(1), nodeSchema)
  .refine((map) => Object.keys(map).length <= MAX_WORKFLOW_NODES, `must have at most ${MAX_WORKFLOW_NODES} nodes`);
const connections = z.array(connectionSchema).max(MAX_CONNECTIONS, `must have at most ${MAX_CONNECTIONS} connections`);

const settings = z
  .strictObject({
    timeout_seconds: z
      .number()
      .positive()
      .max(366 * 86_400)
      .optional(),
  })
  .openapi("WorkflowSettings");

// ── Requests ──

export const createWorkflowBody = z
  .strictObject({
    name,
    description: text(10_000)
      .nullish()
      .transform((description) => description ?? ""),
    entity_id: label,
    community_id: optionalLabel,
    license_key: text(8_192).nullish(),
    nodes: nodes.default({}),
    connections: connections.default([]),
    global_variables: jsonObject.default({}),
    settings: settings.optional(),
  })
  .openapi("CreateWorkflow");

export const updateWorkflowBody = z
  .strictObject({
    name,
    description: text(10_000)
      .nullable()
      .transform((description) => description ?? ""),
    community_id: label.nullable(),
    nodes,
    connections,
    global_variables: jsonObject,
    settings,
  })
  .partial()
  .openapi("UpdateWorkflow");

/** Bodies that carry nothing but the context label; an absent body means `{}`. */
export const contextBody = z.strictObject({ community_id: optionalLabel });

/** How long a caller waits for a run's end when they name no time. */
export const WAIT_SECONDS = 30;

export const executeBody = z
  .strictObject({
    community_id: optionalLabel,
    variables: jsonObject.default({}),
    metadata: jsonObject.default({}),
    contact_id: text(64)
      .min(1)
      .nullish()
      .openapi({ description: "Whom the run is about; templates read it as `contact`" }),
    wait: z.boolean().default(false).openapi({ description: "Answer with the finished run" }),
    timeout_seconds: z.number().positive().max(300).optional(),
  })
  .openapi("ExecuteWorkflow");

export const cancelBody = z.strictObject({ community_id: optionalLabel, reason: text(500).optional() });

export const testBody = z
  .strictObject({
    community_id: optionalLabel,
    variables: jsonObject.default({}),
    metadata: jsonObject.default({}),
  })
  .openapi("TestWorkflow");

const webhookFields = {
  name,
  description: text(2_000)
    .nullable()
    .transform((description) => description ?? ""),
  enabled: z.boolean(),
  require_signature: z.boolean(),
  signature_scheme: z.enum(SIGNATURE_SCHEMES),
  secret: text(512).openapi({ description: "The sender's own secret, where it makes one; else one is made here" }),
  ip_allowlist: z
    .array(z.string().max(64))
    .max(100)
    .openapi({ example: ["192.168.1.0/24", "10.0.0.1"] }),
  rate_limit_max: z.int().min(1).max(100_000),
  rate_limit_window: z.int().min(1).max(86_400).openapi({ description: "Seconds" }),
};

export const createWebhookBody = z
  .strictObject({ ...webhookFields, community_id: optionalLabel })
  .partial()
  .required({ name: true })
  .openapi("CreateWebhook");

export const updateWebhookBody = z
  .strictObject({ ...webhookFields, community_id: optionalLabel })
  .partial()
  .openapi("UpdateWebhook");

const permissionSchema = z
  .strictObject({
    user_id: line(128).min(1),
    can_view: z.boolean(),
    can_edit: z.boolean(),
    can_delete: z.boolean(),
    can_execute: z.boolean(),
  })
  .openapi("WorkflowPermission");

export const permissionsBody = z.strictObject({ permissions: z.array(permissionSchema).max(1_000) });

// ── Queries ──

export const listWorkflowsQuery = z.object({
  entity_id: integerText(),
  community_id: integerText().optional(),
  status: z.enum(["draft", "active", "paused", "archived"]).optional(),
  search: text(200).trim().optional(),
  ...page,
});

export const contextQuery = z.object({ community_id: integerText().optional() });

export const readExecutionQuery = z.object({
  include_logs: flagText.default(true),
  include_metrics: flagText.default(false),
});

export const listExecutionsQuery = z.object({
  community_id: integerText(),
  status: z.enum(["queued", "running", "completed", "failed", "cancelled"]).optional(),
  sort_by: z.enum(["start_time", "status", "execution_time"]).default("start_time"),
  sort_order: z.enum(["asc", "desc"]).default("desc"),
  ...page,
});

export const pageQuery = z.object(page);

// ── Answers ──

export const errorAnswer = z
  .object({
    success: z.literal(false),
    error: z.object({
      code: z.string(),
      message: z.string(),
      details: z.record(z.string(), json),
      request_id: z.string(),
    }),
  })
  .openapi("Error");

const answer = <T extends z.ZodType>(data: T) => z.object({ success: z.literal(true), data });
const told = <T extends z.ZodType>(data: T) => z.object({ success: z.literal(true), message: z.string(), data });
const paged = <T extends z.ZodType>(row: T) =>
  z.object({
    success: z.literal(true),
    message: z.string().optional(),
    data: z.array(row),
    meta: z.object({
      pagination: z.object({
        page: z.int(),
        per_page: z.int(),
        total: z.int(),
        total_pages: z.int(),
        has_next: z.boolean(),
        has_prev: z.boolean(),
      }),
    }),
  });

const workflowStatus = z.enum(["draft", "active", "paused", "archived"]);
const executionStatus = z.enum(["queued", "running", "completed", "failed", "cancelled"]);

export const createdWorkflow = told(
  z.object({ workflow_id: id, name: z.string(), status: workflowStatus, created_at: instant }),
);
export const workflowList = paged(
  z.object({
    workflow_id: id,
    name: z.string(),
    description: z.string(),
    status: workflowStatus,
    entity_id: label.nullable(),
    community_id: label.nullable(),
    created_at: instant,
    updated_at: instant,
  }),
);
export const workflowDetails = answer(
  z.object({
    workflow_id: id,
    name: z.string(),
    description: z.string(),
    status: workflowStatus,
    entity_id: label.nullable(),
    community_id: label.nullable(),
    nodes: z.record(z.string(), nodeSchema),
    connections: z.array(connectionSchema),
    global_variables: jsonObject,
    settings,
    created_by: z.string(),
    created_at: instant,
    updated_at: instant,
    published_at: instant.nullable(),
  }),
);
export const updatedWorkflow = told(z.object({ workflow_id: id, updated_at: instant }));
export const archivedWorkflow = told(z.object({ workflow_id: id, status: z.literal("archived") }));
export const publishedWorkflow = told(
  z.object({ workflow_id: id, status: z.literal("active"), published_at: instant, version: z.int() }),
);
export const validation = told(
  z.object({
    is_valid: z.boolean(),
    errors: z.array(z.string()),
    warnings: z.array(z.string()),
    node_validation_errors: z.record(z.string(), z.array(z.string())),
    error_count: z.int(),
    warning_count: z.int(),
    findings: z.array(
      z.object({
        severity: z.enum(["error", "warning"]),
        code: z.string(),
        message: z.string(),
        node_id: z.string().nullable(),
        field: z.string(),
      }),
    ),
  }),
);
export const permissions = answer(z.object({ workflow_id: id, permissions: z.array(permissionSchema) }));

export const startedExecution = told(
  z.object({
    execution_id: id,
    workflow_id: id,
    status: executionStatus,
    start_time: instant,
    execution_path: z.array(z.string()),
  }),
);

const nodeState = z.object({
  node_id: z.string(),
  node_type: z.string(),
  status: z.string(),
  started_at: instant,
  completed_at: instant.nullable(),
  input_data: json,
  output_data: json,
  logs: z.array(z.string()),
  error: z.string().nullable(),
  visits: z.int(),
  attempts: z.int(),
});
const metrics = z
  .object({
    nodes_executed: z.int(),
    steps: z.int(),
    commits: z.int(),
    attempts: z.int(),
    total_seconds: z.number(),
    effect_seconds: z.number(),
    wait_seconds: z.number(),
  })
  .openapi("ExecutionMetrics");
export const executionFields = z.object({
  execution_id: id,
  workflow_id: id,
  status: executionStatus,
  start_time: instant,
  end_time: instant.nullable(),
  execution_time_seconds: z.number().nullable(),
  execution_path: z.array(z.string()),
  node_states: z.record(z.string(), nodeState),
  final_variables: jsonObject,
  final_output: json,
  error_message: z.string().nullable(),
  error_node_id: z.string().nullable(),
  metrics: metrics.optional(),
});
export const executionDetails = answer(executionFields);
export const finishedExecution = told(executionFields);
export const cancelledExecution = told(
  z.object({ execution_id: id, status: z.literal("cancelled"), cancelled_at: instant }),
);
export const executionList = paged(
  z.object({
    execution_id: id,
    workflow_id: id,
    status: executionStatus,
    start_time: instant,
    end_time: instant.nullable(),
    execution_time_seconds: z.number().nullable(),
    nodes_executed: z.int(),
    success: z.boolean(),
    error: z.string().nullable(),
  }),
);
export const testedWorkflow = told(
  z.object({
    execution_id: id,
    workflow_id: id,
    test_mode: z.literal(true),
    status: executionStatus,
    execution_time_seconds: z.number(),
    trace: z.array(
      z.object({
        node_id: z.string(),
        node_type: z.string(),
        status: z.string(),
        duration_seconds: z.number(),
        input: json,
        output: json,
        logs: z.array(z.string()),
        error: z.string().nullable(),
        mocked: z.boolean(),
      }),
    ),
    final_variables: jsonObject,
    final_output: json,
    error_message: z.string().nullable(),
    summary: z.object({
      nodes_executed: z.int(),
      nodes_failed: z.int(),
      total_duration: z.number(),
      passed: z.boolean(),
    }),
  }),
);

const webhookFieldsShown = {
  webhook_id: id,
  workflow_id: id,
  token: z.string(),
  name: z.string(),
  description: z.string(),
  url: z.string(),
  enabled: z.boolean(),
  require_signature: z.boolean(),
  signature_scheme: z.enum(SIGNATURE_SCHEMES),
  ip_allowlist: z.array(z.string()),
  rate_limit_max: z.int(),
  rate_limit_window: z.int(),
  created_at: instant,
  last_triggered_at: instant.nullable(),
  trigger_count: z.int(),
};
const webhook = z.object(webhookFieldsShown).openapi("Webhook");
export const webhookList = paged(webhook);
export const createdWebhook = told(
  z.object({ ...webhookFieldsShown, secret: z.string().openapi({ description: "Shown this once" }) }),
);
export const updatedWebhook = told(webhook);
export const deletedWebhook = told(z.object({ webhook_id: id }));
export const triggeredWebhook = told(
  z.object({
    execution_id: id,
    webhook_id: id,
    workflow_id: id,
    status: z.literal("queued"),
    timestamp: instant,
    event_id: id,
    duplicate: z.boolean(),
  }),
);
export const moduleStatus = answer(
  z.object({
    status: z.literal("operational"),
    module: z.literal("workflow_core_module"),
    version: z.string(),
    features: z.object({ workflows_enabled: z.boolean(), release_mode: z.boolean() }),
  }),
);
export const health = answer(z.object({ healthy: z.boolean(), module: z.literal("workflow_core_module") }));
