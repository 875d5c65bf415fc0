// Wire shapes of …/actions.
import { z } from "@hono/zod-openapi";
import { ACTION_CATEGORIES, type ActionCategory } from "../../../domain/action/definitions.ts";
import { anyJson } from "../../shared/any-json.ts";
import { instant } from "../schema.ts";

const jsonObject = z.record(z.string(), anyJson);
const ACTION_CATEGORY = Object.keys(ACTION_CATEGORIES) as [ActionCategory, ...ActionCategory[]];

export const actionDefinition = z
  .object({
    type: z.string(),
    shortName: z.string(),
    name: z.string(),
    description: z.string(),
    category: z.enum(ACTION_CATEGORY),
    kind: z.enum(["condition", "action", "data", "loop", "flow"]),
    configSchema: jsonObject.openapi({ description: "JSON Schema, with retry, timeout_seconds and on_error" }),
    outputSchema: jsonObject.openapi({ description: "JSON Schema of what templates read as nodes.<id>.output" }),
    ports: z.object({
      inputs: z.array(z.string()),
      outputs: z.array(z.string()),
      anyOutput: z.boolean().openapi({ description: "Any further name is an output too" }),
      fromConfig: z.boolean().openapi({ description: "Its config names further outputs" }),
    }),
    defaultRetry: z.object({ maxAttempts: z.int(), backoffMs: z.number(), multiplier: z.number() }),
    defaultTimeoutMs: z
      .number()
      .nullable()
      .openapi({ description: "Of one attempt; null where the config says how long it takes, or nothing does" }),
    talksToPeople: z.boolean(),
    changesContacts: z.boolean(),
    waits: z.boolean(),
  })
  .openapi("ActionDefinition");

export const customActionDefinition = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    actionType: z.enum(["action_code", "action_webhook"]),
    language: z.string().nullable(),
    host: z.string().nullable(),
    createdAt: instant,
    updatedAt: instant,
  })
  .openapi("CustomActionDefinition");

export const integrationDefinition = z
  .object({
    id: z.string(),
    type: z.enum(["channel", "host"]),
    kind: z.string(),
    provider: z.string(),
    name: z.string(),
    sender: z.string().nullable(),
    source: z.enum(["organization", "operator", "builtin", "observed"]),
    enabled: z.boolean(),
    status: z.enum(["healthy", "failing", "unused", "disabled"]),
    calls: z
      .int()
      .openapi({ description: "Attempts of executions in the last 30 days; of a channel, of all of its kind" }),
    failed: z.int(),
    successRate: z.number().nullable(),
    lastSuccessAt: instant.nullable().openapi({ description: "The beginning of the hour" }),
    lastFailureAt: instant.nullable(),
    verifiedAt: instant.nullable(),
    actionTypes: z.array(z.string()),
  })
  .openapi("IntegrationDefinition");

export const actionDefinitions = z.object({
  actions: z.array(actionDefinition),
  categories: z.array(
    z
      .object({ id: z.string(), name: z.string(), count: z.int(), actionTypes: z.array(z.string()) })
      .openapi("ActionCategory"),
  ),
  customActions: z.array(customActionDefinition),
  integrations: z.array(integrationDefinition),
});

export const testBody = z
  .strictObject({
    config: z.record(z.string(), anyJson),
    inputData: z.record(z.string(), anyJson).default({}).openapi({
      description: "event {type?, data}, variables, contact; or, without event and variables, both at once",
    }),
    mockMode: z.boolean().default(true).openapi({ description: "False: requests really leave; messages never do" }),
  })
  .openapi("TestActionRequest");

export const testedAction = z.object({
  success: z.boolean(),
  output: jsonObject,
  logs: z.array(
    z.object({ timestamp: instant, level: z.enum(["info", "error"]), message: z.string() }).openapi("ActionLog"),
  ),
  performance: z
    .object({
      durationMs: z.number(),
      skippedWaitMs: z.number().openapi({ description: "What it would have waited" }),
      attempts: z.int(),
      mocked: z.boolean(),
    })
    .openapi("ActionPerformance"),
  actionType: z.string(),
  port: z.string().nullable().openapi({ description: "By which the workflow would go on" }),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
