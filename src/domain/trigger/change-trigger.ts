// Changes to a trigger's row, and its end; its endpoint goes along. Triggers of the graph are changed with the graph.
import { deleteEndpoint, listEndpoints, updateEndpoint } from "../../db/queries/endpoints.ts";
import type { WebhookRow } from "../../db/queries/webhooks.ts";
import type { JsonObject } from "../../lib/json.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError, invalid, notFound } from "../errors.ts";
import { tell } from "../tell.ts";
import { columnsOf, type EndpointChange } from "../webhook/endpoint-rules.ts";
import { tellWebhook, tokenHashOf, whileClosed } from "../webhook/settings.ts";
import { openWorkflow } from "../workflow/access.ts";
import { changing } from "../workflow/changing.ts";
import { saveEnhanced } from "../workflow/enhanced/save-workflow.ts";
import { triggerNodeOf } from "../workflow/enhanced/trigger-name.ts";
import { type TriggerRow, wireOf } from "../workflow/enhanced/workflow-data.ts";
import { MAX_WEBHOOKS } from "../workflow/limits.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { checkTrigger } from "./check-trigger.ts";
import { findingsWith, requireOwn, type SavedTrigger } from "./create-trigger.ts";
import { triggersOfOpened } from "./read-triggers.ts";
import { scheduleTypeOfRow, triggersOf, type WorkflowTrigger } from "./trigger.ts";

/** A field that is absent keeps its value; a config is sent whole. */
export type TriggerChange = {
  /** Its type stays what it is. */
  triggerType?: string;
  name?: string;
  config?: JsonObject;
  scheduleType?: string;
  cronExpression?: string;
  enabled?: boolean;
  endpoint?: EndpointChange;
};

const openRow = async (context: Context, workflowId: string, id: string): Promise<[Workflow, TriggerRow]> => {
  const workflow = await openWorkflow(context, workflowId, "edit");
  const found = triggersOf(workflow).find((one) => one.id === id);
  if (!found) throw notFound("trigger");
  requireOwn(workflow);
  if (found.source !== "row")
    throw new DomainError("conflict", "This trigger is part of the workflow itself and is changed with it", {
      subject: "trigger",
    });
  return [workflow, wireOf(workflow).triggers!.find((row) => row.id === id)!];
};

const endpointsOf = async (context: Context, workflowId: string, triggerId: string): Promise<WebhookRow[]> => {
  const { organizationId } = context.principal;
  const page = { limit: MAX_WEBHOOKS, offset: 0 };
  const { rows } = await listEndpoints(context.ports.db, organizationId, { workflowId }, page);
  return rows.filter((row) => row.triggerId === triggerId);
};

const changed = (row: TriggerRow, change: TriggerChange, now: number): TriggerRow => {
  const { triggerType = row.triggerType, name = row.name, enabled = row.enabled } = change;
  const { config, scheduleType, cronExpression } = change;
  const isSame = config === undefined && scheduleType === undefined && cronExpression === undefined;
  const named = triggerNodeOf({ triggerType, config: row.config });
  if (triggerType !== row.triggerType && !(named.ok && named.type === row.triggerType))
    throw invalid("triggerType", "Cannot be changed; delete the trigger and create another.");
  if (isSame) return { ...row, name, enabled, updatedAt: now };
  // With a new way to say when, the old one goes.
  const kept = scheduleType === undefined && cronExpression === undefined ? row.config : withoutTerms(row.config);
  const content = checkTrigger({ triggerType, config: config ?? kept, scheduleType, cronExpression }, now);
  const { scheduleType: _, ...rest } = row;
  const { type: _type, ...said } = content;
  return { ...rest, ...said, name, enabled, updatedAt: now };
};

const withoutTerms = ({ cron: _, at: _a, every_seconds: _e, ...rest }: JsonObject): JsonObject => rest;

export const updateTrigger = async (
  context: Context,
  workflowId: string,
  id: string,
  change: TriggerChange,
): Promise<SavedTrigger> => {
  const { db, now } = context.ports;
  const [, first] = await openRow(context, workflowId, id);
  if (change.endpoint && first.triggerType !== "trigger_webhook")
    throw invalid("webhookConfig", "Only a webhook trigger has one.");
  const endpoints = await endpointsOf(context, workflowId, id);
  const columns = {
    ...columnsOf(context.ports, change.endpoint ?? {}),
    ...(change.enabled !== undefined && { enabled: change.enabled }),
  };
  const isForEndpoints = Object.keys(columns).length > 0 && endpoints.length > 0;
  const { workflow, findings, row } = await changing(async () => {
    const [workflow, before] = await openRow(context, workflowId, id);
    const row = changed(before, change, now());
    const wire = wireOf(workflow);
    const saved = await saveEnhanced(context, workflow, {
      wire: { ...wire, triggers: wire.triggers!.map((one) => (one.id === id ? row : one)) },
      statements: isForEndpoints
        ? endpoints.map((endpoint) => updateEndpoint(db, endpoint, { ...columns, updatedAt: now() }))
        : [],
      details: { trigger: id, changed: Object.keys(change) },
    });
    return { ...saved, row };
  });
  if (isForEndpoints)
    await tell(async () => {
      for (const endpoint of endpoints) await tellWebhook(context.ports, endpoint);
    });
  return { ...(await triggersOfOpened(context, workflow)), id, findings: findingsWith(workflow, row, findings) };
};

/** As it was. What its endpoint has accepted is still processed. */
export const deleteTrigger = async (
  context: Context,
  workflowId: string,
  id: string,
): Promise<{ workflow: Workflow; trigger: WorkflowTrigger }> => {
  const { db, webhooks } = context.ports;
  const [workflow, first] = await openRow(context, workflowId, id);
  const endpoints = await endpointsOf(context, workflowId, id);
  const remove = async () => {
    const [workflow] = await openRow(context, workflowId, id);
    const wire = wireOf(workflow);
    return saveEnhanced(context, workflow, {
      wire: { ...wire, triggers: wire.triggers!.filter((row) => row.id !== id) },
      statements: endpoints.flatMap((endpoint) => [
        deleteEndpoint(db, endpoint),
        auditStatement(context, { action: "webhook.deleted", targetType: "webhook", targetId: endpoint.id }),
      ]),
      details: { trigger: id, removed: true },
    });
  };
  await whileClosed(context.ports, endpoints, () => changing(remove));
  for (const { token } of endpoints)
    await webhooks
      .forget(await tokenHashOf(token))
      .catch((error) => console.warn(JSON.stringify({ at: "trigger.deleted", trigger: id, message: String(error) })));
  return {
    workflow,
    trigger: { ...first, source: "row", nodeId: null, enabled: false, scheduleType: scheduleTypeOfRow(first) },
  };
};
