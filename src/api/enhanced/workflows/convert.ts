// Where the wire names of workflows meet ours.
import type { z } from "zod";
import { variablesOf } from "../../../domain/variable/view.ts";
import type { NewEnhancedWorkflow } from "../../../domain/workflow/enhanced/create-workflow.ts";
import type { WorkflowListing } from "../../../domain/workflow/enhanced/list-workflows.ts";
import type { WorkflowDetail } from "../../../domain/workflow/enhanced/read-workflow.ts";
import type { WorkflowRecord } from "../../../domain/workflow/enhanced/record.ts";
import type { EnhancedChange } from "../../../domain/workflow/enhanced/update-workflow.ts";
import { type EnhancedSettings, wireOf } from "../../../domain/workflow/enhanced/workflow-data.ts";
import { workflowDataOf } from "../../../domain/workflow/enhanced/workflow-data-of.ts";
import { defined } from "../../../lib/defined.ts";
import { percentOf } from "../../../lib/round.ts";
import type { ApiContext } from "../../shared/api.ts";
import { timeOf, timeOrNull } from "../convert.ts";
import { toExecution, toFailureReason } from "../executions/convert.ts";
import { toTrigger } from "../triggers/convert.ts";
import { toVariable } from "../variables/convert.ts";
import type * as schema from "./schema.ts";
import type * as shared from "./workflow-schema.ts";

/** Settings of another API's workflow, as far as this one has words for them. */
const settingsOf = ({ definition: { settings = {} } }: WorkflowRecord): EnhancedSettings => ({
  ...(settings.timeoutSeconds !== undefined && { timeoutSeconds: settings.timeoutSeconds }),
});

/** What a list shows of it, and the workflow itself. */
const toHead = (workflow: WorkflowListing["rows"][number] | WorkflowRecord) => ({
  id: workflow.id,
  name: workflow.name,
  description: workflow.description,
  category: workflow.category,
  status: workflow.status,
  version: workflow.version,
  authoring: workflow.authoring,
  tags: workflow.tags,
  createdAt: timeOf(workflow.createdAt),
  updatedAt: timeOf(workflow.updatedAt),
  publishedAt: timeOrNull(workflow.publishedAt),
  archivedAt: timeOrNull(workflow.archivedAt),
  lastRunAt: timeOrNull(workflow.lastRunAt),
  usageCount: workflow.usageCount,
  createdBy: workflow.createdBy,
});

export const toWorkflow = (workflow: WorkflowRecord): z.input<typeof shared.workflow> => {
  const own = workflow.authoring === "enhanced" ? wireOf(workflow) : undefined;
  return {
    ...toHead(workflow),
    templateId: own?.templateId ?? null,
    workflowData: workflowDataOf(workflow) as z.input<typeof shared.workflowData>,
    triggerType: own?.triggerType ?? null,
    triggerConfig: own?.triggerConfig ?? {},
    settings: own?.settings ?? settingsOf(workflow),
    organizationId: workflow.organizationId,
  };
};

export const fromCreate = ({
  description,
  templateId,
  triggerConfig,
  settings,
  tags,
  ...body
}: z.output<typeof schema.createWorkflowBody>): NewEnhancedWorkflow =>
  defined({
    ...body,
    description: description ?? "",
    templateId: templateId ?? null,
    triggerConfig: triggerConfig ?? {},
    settings: settings ?? {},
    tags: tags ?? [],
  });

/** Null empties a field. */
export const fromUpdate = ({
  triggerConfig,
  description,
  settings,
  tags,
  ...body
}: z.output<typeof schema.updateWorkflowBody>): EnhancedChange =>
  defined({
    ...body,
    triggerConfig: triggerConfig === null ? {} : triggerConfig,
    description: description === null ? "" : description,
    settings: settings === null ? {} : settings,
    tags: tags === null ? [] : tags,
  });

const SORTS = { name: "name", created_at: "createdAt", last_run_at: "lastRunAt", usage_count: "usageCount" } as const;

/** `tags`: all that were sent, in whatever way. */
export const fromQuery = (
  { sortBy, sortOrder, status, category, search }: z.output<typeof schema.workflowQuery>,
  tags: readonly string[],
) => ({
  ...defined({ status, category, search }),
  ...(tags.length > 0 && { tags }),
  sortBy: SORTS[sortBy ?? "created_at"],
  order: sortOrder ?? (sortBy === "name" ? ("asc" as const) : ("desc" as const)),
});

export const toSummary = (workflow: WorkflowListing["rows"][number]): z.input<typeof schema.workflowSummary> => ({
  ...toHead(workflow),
  activeExecutions: workflow.inFlight,
  successRate: successRateOf(workflow),
});

export const toArchived = ({ id, name, status, version, archivedAt, updatedAt }: WorkflowRecord) => ({
  id,
  name,
  status,
  version,
  archivedAt: timeOf(archivedAt ?? updatedAt),
});

const successRateOf = ({ completed, failed }: Pick<WorkflowRecord, "completed" | "failed">): number | null =>
  completed + failed === 0 ? null : percentOf(completed, completed + failed);

export const toDetails = (
  c: ApiContext,
  { workflow, triggers, summary, times, nodeTimes, recent }: WorkflowDetail,
): z.input<typeof schema.workflowDetails> => ({
  workflow: toWorkflow(workflow),
  triggers: triggers.triggers.map((trigger) => toTrigger(c, triggers, trigger)),
  variables: variablesOf(workflow).map(toVariable),
  analytics: {
    totalExecutions: workflow.usageCount,
    activeExecutions: workflow.inFlight,
    lastRunAt: timeOrNull(workflow.lastRunAt),
    successRate: successRateOf(workflow),
    last30Days: { ...summary, failureReasons: summary.failureReasons.map(toFailureReason) },
  },
  recentExecutions: recent.map(toExecution),
  performance: {
    sampleCount: times?.runs ?? 0,
    avgDurationMs: times?.meanMs ?? null,
    p50DurationMs: times?.p50Ms ?? null,
    p95DurationMs: times?.p95Ms ?? null,
    nodeTypes: [...nodeTimes].map(([nodeType, { runs, failed, meanMs, p95Ms, waitMeanMs }]) => ({
      nodeType,
      visits: runs,
      failed,
      avgMs: meanMs,
      p95Ms,
      avgWaitMs: waitMeanMs,
    })),
  },
});
