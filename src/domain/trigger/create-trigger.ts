// A new trigger beside a workflow's graph: part of its next version, which is at once when the workflow is active. One for webhooks has an endpoint
// of its own.
import { newId } from "../../lib/ids.ts";
import type { Context } from "../context.ts";
import { DomainError, invalid } from "../errors.ts";
import { orTooMany, prepareEndpoint, tellNewEndpoint } from "../webhook/create-endpoint.ts";
import type { EndpointChange } from "../webhook/endpoint-rules.ts";
import { openWorkflow, requireAuthoring, requireNotArchived } from "../workflow/access.ts";
import { changing } from "../workflow/changing.ts";
import type { Finding } from "../workflow/definition.ts";
import { saveEnhanced } from "../workflow/enhanced/save-workflow.ts";
import type { WrittenTrigger } from "../workflow/enhanced/trigger-name.ts";
import { type TriggerRow, wireOf } from "../workflow/enhanced/workflow-data.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { checkTrigger } from "./check-trigger.ts";
import { triggersOfOpened, type WorkflowTriggers } from "./read-triggers.ts";
import { sameAs } from "./trigger.ts";

export type NewTrigger = WrittenTrigger & { name: string; enabled?: boolean; endpoint?: EndpointChange };

export type SavedTrigger = WorkflowTriggers & {
  id: string;
  findings: Finding[];
  /** Of a new endpoint, once. */
  secret?: string;
};

/** Beside the graph; those in it are its own. */
const MAX_ROWS = 100;

export const findingsWith = (workflow: Workflow, row: TriggerRow, findings: Finding[]): Finding[] => {
  if (row.scheduleType === "immediate" && workflow.status !== "active") {
    const message = "The workflow is not active, and the one time of this trigger passes without a run";
    return [...findings, { severity: "warning", code: "time_passes", message, path: "scheduleType" }];
  }
  const same = row.enabled ? sameAs(workflow, row) : undefined;
  if (!same) return findings;
  const message = `It says what '${same.name}' says: together they start one run for each event`;
  return [...findings, { severity: "warning", code: "duplicate_trigger", message, path: "config" }];
};

export const createTrigger = async (
  context: Context,
  workflowId: string,
  { name, enabled = true, endpoint: settings, ...written }: NewTrigger,
): Promise<SavedTrigger> => {
  const { now } = context.ports;
  // Who may not edit it learns nothing of what is wrong with the trigger.
  requireOwn(await openWorkflow(context, workflowId, "edit"));
  const { type, ...content } = checkTrigger(written, now());
  const isWebhook = type === "trigger_webhook";
  if (settings && !isWebhook) throw invalid("webhookConfig", "Only a webhook trigger has one.");
  const at = now();
  const row: TriggerRow = { id: newId(at), triggerType: type, name, ...content, enabled, createdAt: at, updatedAt: at };
  const made = isWebhook
    ? await prepareEndpoint(context, {
        enabled,
        ...settings,
        name: settings?.name ?? name,
        workflowId,
        triggerId: row.id,
      })
    : undefined;
  const { workflow, findings } = await changing(async () => {
    const workflow = await openWorkflow(context, workflowId, "edit");
    requireOwn(workflow);
    const wire = wireOf(workflow);
    const { triggers = [] } = wire;
    if (triggers.length >= MAX_ROWS)
      throw new DomainError("impossible", `A workflow may have at most ${MAX_ROWS} triggers beside its graph`, {
        subject: "trigger",
      });
    return saveEnhanced(context, workflow, {
      wire: { ...wire, triggers: [...triggers, row] },
      statements: made?.statements ?? [],
      details: { trigger: row.id, added: true },
    }).catch(orTooMany);
  });
  if (made) await tellNewEndpoint(context, made.row);
  return {
    ...(await triggersOfOpened(context, workflow)),
    id: row.id,
    findings: findingsWith(workflow, row, findings),
    ...(made && { secret: made.secret }),
  };
};

/** A graph, and what starts it, is edited only where it was made. */
export const requireOwn = (workflow: Workflow): void => {
  requireAuthoring(workflow, "enhanced");
  requireNotArchived(workflow);
};
