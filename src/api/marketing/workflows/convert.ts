// The only place where the wire names of workflows meet ours.
import type { z } from "zod";
import type { NewMarketingWorkflow } from "../../../domain/marketing/create-workflow.ts";
import { type ActionOfWorkflow, orderOf, type TriggerOfWorkflow } from "../../../domain/marketing/joined.ts";
import type { Counts, WorkflowDetail } from "../../../domain/marketing/read-workflow.ts";
import type { MarketingChange } from "../../../domain/marketing/update-workflow.ts";
import { marketingWireOf } from "../../../domain/marketing/wire.ts";
import type { WorkflowListFilter } from "../../../domain/workflow/list-workflows.ts";
import type { WorkflowStatus, WorkflowSummary } from "../../../domain/workflow/workflow.ts";
import { instant, instantOrNull } from "../convert.ts";
import type { fullWorkflow, someWorkflow, status, workflowFilter } from "./schema.ts";

type StatusWord = z.output<typeof status>;

const statusWord = (word: WorkflowStatus): StatusWord => word.toUpperCase() as StatusWord;
export const fromStatus = (word: StatusWord): WorkflowStatus => word.toLowerCase() as WorkflowStatus;

const epochMs = (moment: string | null): number | null => (moment === null ? null : Date.parse(moment));

export const fromWorkflow = (body: z.output<typeof fullWorkflow>): NewMarketingWorkflow => ({
  name: body.name,
  description: body.description ?? "",
  maxExecutions: body.max_executions ?? 0,
  delaySeconds: body.delay_between_executions ?? 0,
  startAt: epochMs(body.start_date ?? null),
  endAt: epochMs(body.end_date ?? null),
});

export const fromWorkflowChange = (body: z.output<typeof someWorkflow>): MarketingChange => ({
  ...(body.name !== undefined && { name: body.name }),
  ...(body.description !== undefined && { description: body.description }),
  ...(body.max_executions !== undefined && { maxExecutions: body.max_executions }),
  ...(body.delay_between_executions !== undefined && { delaySeconds: body.delay_between_executions }),
  ...(body.start_date !== undefined && { startAt: epochMs(body.start_date) }),
  ...(body.end_date !== undefined && { endAt: epochMs(body.end_date) }),
});

export const fromWorkflowFilter = (query: z.output<typeof workflowFilter>): WorkflowListFilter => ({
  ...(query.status !== undefined && { status: fromStatus(query.status) }),
  ...(query.search !== undefined && { search: query.search }),
});

export const toSummary = ({ workflow, counts }: { workflow: WorkflowSummary; counts: Counts }) => ({
  id: workflow.id,
  name: workflow.name,
  description: workflow.description,
  status: statusWord(workflow.status),
  actions_count: counts.actions,
  triggers_count: counts.triggers,
  executions_count: counts.executions,
  created_at: instant(workflow.createdAt),
  updated_at: instant(workflow.updatedAt),
});

export const toTriggerOfWorkflow = ({ trigger, priority, specificConditions }: TriggerOfWorkflow) => ({
  id: trigger.id,
  trigger_id: trigger.id,
  trigger_name: trigger.name,
  trigger_type: trigger.type,
  priority,
  specific_conditions: specificConditions,
  is_active: trigger.isActive,
});

export const toActionOfWorkflow = (joined: ActionOfWorkflow) => ({
  id: joined.action.id,
  action_id: joined.action.id,
  action_name: joined.action.name,
  action_type: joined.action.type,
  order: orderOf(joined),
  delay: joined.action.body.delaySeconds,
  is_required: joined.isRequired,
  is_active: joined.action.isActive,
  condition_id: joined.condition?.id ?? null,
  condition_name: joined.condition?.name ?? null,
});

/** One of another API has no such limits, and its maker's name is not kept: their id says who it was. */
export const toWorkflow = ({ workflow, counts, joined, recent }: WorkflowDetail) => {
  const wire = workflow.authoring === "marketing" ? marketingWireOf(workflow) : undefined;
  return {
    ...toSummary({ workflow, counts }),
    max_executions: wire?.maxExecutions ?? 0,
    delay_between_executions: wire?.delaySeconds ?? 0,
    start_date: instantOrNull(wire?.startAt ?? null),
    end_date: instantOrNull(wire?.endAt ?? null),
    created_by: wire?.madeBy ?? workflow.createdBy,
    actions: joined.actions.map(toActionOfWorkflow),
    triggers: joined.triggers.map(toTriggerOfWorkflow),
    recent_executions: recent.map((run) => ({
      id: run.id,
      status: run.status.toUpperCase(),
      created_at: instant(run.createdAt),
      started_at: instantOrNull(run.startedAt),
      completed_at: instantOrNull(run.endedAt),
    })),
  };
};
