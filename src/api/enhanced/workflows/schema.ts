// Wire shapes of workflows.

import { z } from "@hono/zod-openapi";
import { anyJson } from "../../shared/any-json.ts";
import { echoing } from "../../shared/echoing.ts";
import { label, prose } from "../../shared/text.ts";
import { failureReason, workflowExecution } from "../executions/schema.ts";
import { instant, ms, pageQuery, pagination, percent } from "../schema.ts";
import { workflowTrigger } from "../triggers/schema.ts";
import { workflowVariable } from "../variables/schema.ts";
import { performanceEstimate } from "./review-schema.ts";
import { validationResult, workflow, workflowData, workflowSettings } from "./workflow-schema.ts";

export const STATUSES = ["draft", "active", "paused", "archived"] as const;

const tags = z
  .array(label(50))
  .max(50, "Must have at most 50 tags.")
  .transform((all) => [...new Set(all)]);
const config = z.record(z.string().max(128), anyJson);

const fields = {
  name: label(200),
  description: prose(5_000),
  category: label(100).nullable(),
  workflowData,
  triggerType: label(100).nullable(),
  triggerConfig: config.nullable(),
  settings: workflowSettings,
  tags,
};

export const createWorkflowBody = z.strictObject({
  name: fields.name,
  description: fields.description.nullish(),
  category: fields.category.optional(),
  templateId: label(100).nullish(),
  workflowData: fields.workflowData,
  triggerType: fields.triggerType.optional(),
  triggerConfig: fields.triggerConfig.optional(),
  settings: fields.settings.nullish(),
  tags: fields.tags.nullish(),
  status: z.enum(["draft", "active"]).optional(),
});

const changes = z.strictObject({
  name: fields.name.optional(),
  description: fields.description.nullish(),
  category: fields.category.optional(),
  workflowData: fields.workflowData.optional(),
  triggerType: fields.triggerType.optional(),
  triggerConfig: fields.triggerConfig.optional(),
  settings: fields.settings.nullish(),
  status: z.enum(STATUSES).optional(),
  tags: fields.tags.nullish(),
});

export const updateWorkflowBody = echoing(changes, workflow);

/**
 * `tags`: comma-separated, and may be repeated, as `tags` or `tags[]`; a workflow has all of them. Archived ones are listed by `status=archived`
 * only.
 */
export const workflowQuery = z.object({
  status: z.enum(STATUSES).optional(),
  category: z.string().max(100).optional(),
  search: z.string().max(200).optional(),
  ...pageQuery,
  sortBy: z.enum(["name", "created_at", "last_run_at", "usage_count"]).optional(),
  sortOrder: z.enum(["asc", "desc"]).optional(),
  tags: z.string().max(3_000).optional(),
  "tags[]": z.string().max(3_000).optional(),
});

export const workflowSummary = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  category: z.string().nullable(),
  status: z.enum(STATUSES),
  version: z.int(),
  authoring: z.enum(["marketing", "enhanced", "core", "flow"]),
  tags: z.array(z.string()),
  createdAt: instant,
  updatedAt: instant,
  publishedAt: instant.nullable(),
  archivedAt: instant.nullable(),
  lastRunAt: instant.nullable(),
  usageCount: z.int(),
  /** Executions that are queued, running or waiting. */
  activeExecutions: z.int(),
  /** Of those that completed or failed, percent; null while there are none. */
  successRate: z.number().nullable(),
  createdBy: z.string(),
});

export const workflowList = z.object({
  workflows: z.array(workflowSummary),
  pagination,
  /** What this organisation has. */
  filters: z.object({
    categories: z.array(z.string()),
    tags: z.array(z.string()),
    statuses: z.array(z.enum(STATUSES)),
  }),
});

export const createdWorkflow = z.object({
  workflow,
  validationResults: z.array(validationResult),
  estimatedPerformance: performanceEstimate,
});

export const workflowDetails = z.object({
  workflow,
  triggers: z.array(workflowTrigger),
  variables: z.array(workflowVariable),
  /** `last30Days` from rollups; the rest of all that are listed. A rate or a mean of none is null. */
  analytics: z.object({
    totalExecutions: z.int(),
    activeExecutions: z.int(),
    lastRunAt: instant.nullable(),
    successRate: percent.nullable(),
    last30Days: z.object({
      totalExecutions: z.int(),
      successful: z.int(),
      failed: z.int(),
      cancelled: z.int(),
      timedOut: z.int(),
      successRate: percent.nullable(),
      avgExecutionTime: ms.nullable(),
      failureReasons: z.array(failureReason),
    }),
  }),
  recentExecutions: z.array(workflowExecution),
  /** Of the last 30 days; null where nothing ran. */
  performance: z.object({
    sampleCount: z.int(),
    avgDurationMs: ms.nullable(),
    p50DurationMs: ms.nullable(),
    p95DurationMs: ms.nullable(),
    nodeTypes: z.array(
      z.object({
        nodeType: z.string(),
        visits: z.int(),
        failed: z.int(),
        avgMs: ms,
        p95Ms: ms,
        avgWaitMs: ms,
      }),
    ),
  }),
});

export const updatedWorkflow = z.object({
  workflow,
  validationResults: z.array(validationResult),
  /** What the edit means for what is there already, in sentences. */
  migrationWarnings: z.array(z.string()),
});

export const deletedWorkflow = z.object({
  success: z.boolean(),
  archivedWorkflow: z.object({
    id: z.string(),
    name: z.string(),
    status: z.enum(STATUSES),
    version: z.int(),
    archivedAt: instant,
  }),
  /** In flight when it was archived; they go on to their end. */
  affectedExecutions: z.int(),
});
