// The triggers of a workflow of any API, with the webhooks that lead to it and the times at which it runs.
import { listEndpoints } from "../../db/queries/endpoints.ts";
import { listSchedules } from "../../db/queries/listening.ts";
import { type ScheduleConfig, type ScheduleTerms, scheduleTermsOf } from "../../triggers/schedule-terms.ts";
import type { Context } from "../context.ts";
import { type Endpoint, endpointOfRow } from "../webhook/endpoint.ts";
import { openWorkflow } from "../workflow/access.ts";
import { MAX_WEBHOOKS } from "../workflow/limits.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { triggersOf, type WorkflowTrigger } from "./trigger.ts";

/** `nextAt`: epoch ms; null while the workflow is not active, and when it will not run again. */
export type Scheduled = { trigger: WorkflowTrigger; terms: ScheduleTerms; nextAt: number | null };

export type WorkflowTriggers = {
  workflow: Workflow;
  triggers: WorkflowTrigger[];
  endpoints: Endpoint[];
  schedules: Scheduled[];
};

export const readTriggers = async (context: Context, workflowId: string): Promise<WorkflowTriggers> =>
  triggersOfOpened(context, await openWorkflow(context, workflowId, "view"));

export const triggersOfOpened = async (context: Context, workflow: Workflow): Promise<WorkflowTriggers> => {
  const { db } = context.ports;
  const { organizationId, id } = workflow;
  const [endpoints, schedules] = await Promise.all([
    listEndpoints(db, organizationId, { workflowId: id }, { limit: MAX_WEBHOOKS, offset: 0 }),
    listSchedules(db, organizationId, id),
  ]);
  const times = new Map(schedules.map(({ nodeId, nextAt }) => [nodeId, nextAt]));
  const triggers = triggersOf(workflow);
  return {
    workflow,
    triggers,
    endpoints: endpoints.rows.map(endpointOfRow),
    schedules: triggers
      .filter(({ triggerType }) => triggerType === "trigger_schedule")
      .map((trigger) => ({
        trigger,
        terms: scheduleTermsOf(trigger.config as ScheduleConfig),
        nextAt: workflow.status === "active" && trigger.nodeId !== null ? (times.get(trigger.nodeId) ?? null) : null,
      })),
  };
};
