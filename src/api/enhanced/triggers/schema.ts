// Wire shapes of triggers and of what there is to trigger on.
import { z } from "@hono/zod-openapi";
import { SCHEDULE_TYPES } from "../../../domain/workflow/enhanced/trigger-name.ts";
import type { Json } from "../../../lib/json.ts";
import { anyJson } from "../../shared/any-json.ts";
import { line } from "../../shared/text.ts";
import { instant } from "../schema.ts";
import { name, webhook, webhookSettings } from "../webhooks/schema.ts";
import { validationResult } from "../workflows/workflow-schema.ts";

const json = anyJson as z.ZodType<Json>;
const config = z.record(z.string(), json);
const triggerType = line(100).min(1).openapi({
  description: "Of …/triggers/definitions, with or without `trigger_`; scheduled, recurring, cron; or an event of ours",
});
const scheduleType = z.enum(SCHEDULE_TYPES);
const cronExpression = z.string().max(200);

const webhookConfig = z.strictObject({ name: name.optional(), ...webhookSettings }).openapi("WebhookConfig");

export const createTriggerBody = z.strictObject({
  triggerType,
  triggerName: name,
  config: config.default({}),
  scheduleType: scheduleType.optional(),
  cronExpression: cronExpression.optional(),
  webhookConfig: webhookConfig.optional(),
  enabled: z.boolean().optional(),
});

export const updateTriggerBody = z
  .strictObject({
    triggerType: triggerType.optional(),
    triggerName: name.optional(),
    config: config.optional(),
    scheduleType: scheduleType.optional(),
    cronExpression: cronExpression.optional(),
    webhookConfig: webhookConfig.optional(),
    enabled: z.boolean().optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), "Must name at least one field.");

export const workflowTrigger = z
  .object({
    id: z.string(),
    workflowId: z.string(),
    triggerType: z.string(),
    triggerName: z.string(),
    config,
    scheduleType,
    cronExpression: z.string().nullable(),
    source: z.enum(["node", "shorthand", "row"]).openapi({ description: "Only rows are changed here" }),
    enabled: z.boolean(),
    isActive: z.boolean().openapi({ description: "Enabled, in an active workflow" }),
    nodeId: z.string().nullable(),
    nextRunAt: instant.nullable(),
    webhookEndpoint: z.string().nullable(),
    createdAt: instant,
    updatedAt: instant,
  })
  .openapi("WorkflowTrigger");

const scheduledTrigger = z
  .object({
    id: z.string(),
    /** The same as id. */
    triggerId: z.string(),
    triggerType: z.string(),
    triggerName: z.string(),
    scheduleType,
    cronExpression: z.string().nullable(),
    timezone: z.string().nullable(),
    at: instant.nullable(),
    everySeconds: z.number().nullable(),
    nextRunAt: instant.nullable(),
    isActive: z.boolean(),
  })
  .openapi("ScheduledTrigger");

export const workflowTriggers = z
  .object({
    triggers: z.array(workflowTrigger),
    webhookEndpoints: z.array(webhook),
    scheduledTriggers: z.array(scheduledTrigger),
  })
  .openapi("WorkflowTriggersResponse");

export const savedTrigger = z
  .object({
    trigger: workflowTrigger,
    webhookEndpoint: z.string().optional(),
    secretKey: z.string().optional().openapi({ description: "Of a new webhook trigger's endpoint, shown once" }),
    validationResults: z.array(validationResult),
  })
  .openapi("CreateTriggerResponse");

export const deletedTrigger = z
  .object({ success: z.literal(true), trigger: workflowTrigger })
  .openapi("DeleteTriggerResponse");

const eventType = z.object({
  code: z.string(),
  name: z.string(),
  description: z.string(),
  category: z.string(),
  availableFields: z.record(z.string(), z.string()),
});

export const triggerDefinition = z
  .object({
    type: z.string(),
    shortName: z.string(),
    name: z.string(),
    description: z.string(),
    category: z.string(),
    startedBy: z.enum(["stream", "webhook", "schedule", "hand"]),
    scheduleTypes: z.array(scheduleType),
    configSchema: config.openapi({ description: "JSON Schema" }),
    eventTypes: z.array(eventType).optional().openapi({ description: "Events that this product makes" }),
  })
  .openapi("TriggerDefinition");

export const triggerDefinitions = z
  .object({
    triggers: z.array(triggerDefinition),
    categories: z.array(
      z
        .object({ id: z.string(), name: z.string(), count: z.int(), triggerTypes: z.array(z.string()) })
        .openapi("TriggerCategory"),
    ),
    customTriggers: z.array(
      eventType
        .extend({ id: z.string(), triggerType: z.literal("trigger_event"), config })
        .openapi("CustomTriggerDefinition"),
    ),
  })
  .openapi("TriggerDefinitionsResponse");
