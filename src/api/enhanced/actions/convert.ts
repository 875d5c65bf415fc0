// What workflows may do, and how it went when it was tried, in this API's words.
import type { z } from "@hono/zod-openapi";
import { ACTION_CATEGORIES, type ActionDefinition } from "../../../domain/action/definitions.ts";
import type { Integration } from "../../../domain/action/integrations.ts";
import type { ActionDefinitions } from "../../../domain/action/list-definitions.ts";
import type { TriedAction } from "../../../domain/action/try-action.ts";
import { isJsonObject } from "../../../lib/json.ts";
import { timeOf, timeOrNull } from "../convert.ts";
import type * as schema from "./schema.ts";

export const toDefinition = ({
  title,
  ports,
  hasPortsOfConfig,
  retry,
  timeoutMs,
  ...definition
}: ActionDefinition): z.input<typeof schema.actionDefinition> => ({
  ...definition,
  shortName: definition.type.replace(/^[a-z]+_/, ""),
  name: title,
  ports: {
    inputs: [...ports.inputs],
    outputs: [...ports.outputs],
    anyOutput: ports.anyOutput === true,
    fromConfig: hasPortsOfConfig,
  },
  defaultRetry: retry,
  defaultTimeoutMs: timeoutMs,
});

const hostOf = (url: unknown): string | null =>
  typeof url === "string" && URL.canParse(url) && !url.includes("{") ? new URL(url).host : null;

export const toCustomAction = ({
  id,
  name,
  description,
  type,
  body: { configuration },
  createdAt,
  updatedAt,
}: ActionDefinitions["own"][number]): z.input<typeof schema.customActionDefinition> => ({
  id,
  name,
  description,
  actionType: type === "webhook" ? "action_webhook" : "action_code",
  language: type === "webhook" ? null : typeof configuration.language === "string" ? configuration.language : "python",
  host: type === "webhook" ? hostOf(configuration.url) : null,
  createdAt: timeOf(createdAt),
  updatedAt: timeOf(updatedAt),
});

export const toIntegration = (integration: Integration): z.input<typeof schema.integrationDefinition> => ({
  ...integration,
  successRate:
    integration.calls === 0
      ? null
      : Math.round((10_000 * (integration.calls - integration.failed)) / integration.calls) / 100,
  lastSuccessAt: timeOrNull(integration.lastSuccessAt),
  lastFailureAt: timeOrNull(integration.lastFailureAt),
  verifiedAt: timeOrNull(integration.verifiedAt),
});

export const toDefinitions = ({
  definitions,
  own,
  integrations,
}: ActionDefinitions): z.input<typeof schema.actionDefinitions> => ({
  actions: definitions.map(toDefinition),
  categories: Object.entries(ACTION_CATEGORIES).map(([id, name]) => {
    const types = definitions.filter(({ category }) => category === id).map(({ type }) => type);
    return { id, name, count: types.length, actionTypes: types };
  }),
  customActions: own.map(toCustomAction),
  integrations: integrations.map(toIntegration),
});

export const toTested = (tried: TriedAction): z.input<typeof schema.testedAction> => {
  const timestamp = timeOf(tried.startedAt);
  return {
    success: tried.success,
    output: isJsonObject(tried.output) ? tried.output : { value: tried.output },
    logs: [
      ...tried.logs.map((message) => ({ timestamp, level: "info" as const, message })),
      ...(tried.error
        ? [{ timestamp, level: "error" as const, message: `${tried.error.code}: ${tried.error.message}` }]
        : []),
    ],
    performance: {
      durationMs: tried.durationMs,
      skippedWaitMs: tried.leaptMs,
      attempts: tried.attempts,
      mocked: tried.mocked,
    },
    actionType: tried.type,
    port: tried.port,
    error: tried.error,
  };
};
