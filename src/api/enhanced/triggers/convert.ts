// Triggers and what there is to trigger on, both ways.
import type { z } from "@hono/zod-openapi";
import { DomainError } from "../../../domain/errors.ts";
import type { TriggerChange } from "../../../domain/trigger/change-trigger.ts";
import type { NewTrigger, SavedTrigger } from "../../../domain/trigger/create-trigger.ts";
import {
  type listTriggerDefinitions,
  TRIGGER_CATEGORIES,
  type TriggerDefinition,
} from "../../../domain/trigger/list-definitions.ts";
import type { WorkflowTriggers } from "../../../domain/trigger/read-triggers.ts";
import type { WorkflowTrigger } from "../../../domain/trigger/trigger.ts";
import { SCHEDULE_TYPES } from "../../../domain/workflow/enhanced/trigger-name.ts";
import type { JsonObject } from "../../../lib/json.ts";
import type { ApiContext } from "../../shared/api.ts";
import { timeOf, timeOrNull } from "../convert.ts";
import { endpointUrl, fromWebhookBody, named, toWebhook } from "../webhooks/convert.ts";
import { toValidationResult } from "../workflows/review-convert.ts";
import type * as schema from "./schema.ts";

const isActive = ({ workflow }: Pick<WorkflowTriggers, "workflow">, { enabled }: WorkflowTrigger): boolean =>
  enabled && workflow.status === "active";

/** As this API's authors write it; a node is told in the words of the drawing, which are the catalogue's. */
const shownConfig = ({ source, scheduleType, config }: WorkflowTrigger): JsonObject => {
  if (source === "node" || scheduleType !== "recurring") return config;
  const { every_seconds: everySeconds = null, ...rest } = config;
  return { ...rest, everySeconds };
};

export const toTrigger = (
  c: ApiContext,
  found: Pick<WorkflowTriggers, "workflow" | "endpoints" | "schedules">,
  trigger: WorkflowTrigger,
): z.input<typeof schema.workflowTrigger> => {
  const { workflow, endpoints, schedules } = found;
  const endpoint = endpoints.find(({ triggerId }) => triggerId === trigger.id);
  const { cron } = trigger.config;
  return {
    id: trigger.id,
    workflowId: workflow.id,
    triggerType: trigger.triggerType,
    triggerName: trigger.name,
    config: shownConfig(trigger),
    scheduleType: trigger.scheduleType,
    cronExpression: trigger.scheduleType === "cron" && typeof cron === "string" ? cron : null,
    source: trigger.source,
    enabled: trigger.enabled,
    isActive: isActive(found, trigger),
    nodeId: trigger.nodeId,
    nextRunAt: timeOrNull(schedules.find((one) => one.trigger.id === trigger.id)?.nextAt ?? null),
    webhookEndpoint: endpoint ? endpointUrl(c, endpoint) : null,
    createdAt: timeOf(trigger.createdAt ?? workflow.createdAt),
    updatedAt: timeOf(trigger.updatedAt ?? workflow.updatedAt),
  };
};

export const toTriggers = (c: ApiContext, found: WorkflowTriggers): z.input<typeof schema.workflowTriggers> => ({
  triggers: found.triggers.map((trigger) => toTrigger(c, found, trigger)),
  webhookEndpoints: found.endpoints.map((endpoint) => toWebhook(c, endpoint)),
  scheduledTriggers: found.schedules.map(({ trigger, terms, nextAt }) => ({
    id: trigger.id,
    triggerId: trigger.id,
    triggerType: trigger.triggerType,
    triggerName: trigger.name,
    scheduleType: trigger.scheduleType,
    cronExpression: terms.cron,
    timezone: terms.cron === null ? null : terms.timezone,
    at: timeOrNull(Number.isNaN(terms.at) ? null : terms.at),
    everySeconds: terms.everyMs === null ? null : terms.everyMs / 1000,
    nextRunAt: timeOrNull(nextAt),
    isActive: isActive(found, trigger),
  })),
});

export const toSaved = (c: ApiContext, saved: SavedTrigger): z.input<typeof schema.savedTrigger> => {
  const trigger = toTrigger(c, saved, saved.triggers.find(({ id }) => id === saved.id)!);
  return {
    trigger,
    ...(trigger.webhookEndpoint !== null && { webhookEndpoint: trigger.webhookEndpoint }),
    ...(saved.secret !== undefined && { secretKey: saved.secret }),
    validationResults: saved.findings.map(toValidationResult),
  };
};

type Written = Pick<z.output<typeof schema.updateTriggerBody>, "webhookConfig">;

const endpointOf = ({ webhookConfig }: Written) => {
  if (webhookConfig === undefined) return {};
  const { name, ...settings } = webhookConfig;
  return { endpoint: { ...fromWebhookBody(settings), ...(name !== undefined && { name }) } };
};

export const fromNew = ({
  triggerName,
  webhookConfig,
  ...rest
}: z.output<typeof schema.createTriggerBody>): NewTrigger =>
  ({ ...rest, name: triggerName, ...endpointOf({ webhookConfig }) }) as NewTrigger;

export const fromChange = ({
  triggerName,
  webhookConfig,
  ...rest
}: z.output<typeof schema.updateTriggerBody>): TriggerChange =>
  ({
    ...rest,
    ...(triggerName !== undefined && { name: triggerName }),
    ...endpointOf({ webhookConfig }),
  }) as TriggerChange;

const OF_WEBHOOK = /^(allowedOrigins|transformPayload|filterConditions)\b/;

/** Problems name the fields as they were sent. */
export const namedInTrigger = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await named(work);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "invalid_input") throw error;
    const problems = error.problems.map((one) => ({
      ...one,
      field: OF_WEBHOOK.test(one.field) ? `webhookConfig.${one.field}` : one.field,
    }));
    const [first] = problems;
    throw new DomainError(error.code, first ? `${first.field}: ${first.message}` : error.message, { problems });
  }
};

type Definitions = Awaited<ReturnType<typeof listTriggerDefinitions>>;
type EventType = Definitions["own"][number];

const toEventType = ({ type, name, description, body }: EventType) => ({
  code: type,
  name,
  description,
  category: body.category,
  availableFields: body.availableFields as Record<string, string>,
});

/** `builtIn`: events that this product makes, listed with the type that starts on one. */
export const toDefinition = (
  { title, startedBy, ...definition }: TriggerDefinition,
  builtIn: readonly EventType[],
): z.input<typeof schema.triggerDefinition> => ({
  ...definition,
  shortName: definition.type.replace(/^trigger_/, ""),
  name: title,
  startedBy: startedBy as z.input<typeof schema.triggerDefinition>["startedBy"],
  scheduleTypes: startedBy === "schedule" ? [...SCHEDULE_TYPES] : ["immediate"],
  ...(definition.type === "trigger_event" && { eventTypes: builtIn.map(toEventType) }),
});

export const toDefinitions = ({
  definitions,
  builtIn,
  own,
}: Definitions): z.input<typeof schema.triggerDefinitions> => ({
  triggers: definitions.map((one) => toDefinition(one, builtIn)),
  categories: Object.entries(TRIGGER_CATEGORIES).map(([id, name]) => {
    const triggerTypes = definitions.filter(({ category }) => category === id).map(({ type }) => type);
    return { id, name, count: triggerTypes.length, triggerTypes };
  }),
  customTriggers: own.map((one) => ({
    ...toEventType(one),
    id: one.id,
    triggerType: "trigger_event" as const,
    config: { event_type: one.type },
  })),
});
