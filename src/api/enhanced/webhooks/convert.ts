// Webhook endpoints, both ways.
import type { z } from "@hono/zod-openapi";
import { DomainError } from "../../../domain/errors.ts";
import type { Endpoint } from "../../../domain/webhook/endpoint.ts";
import type { EndpointChange } from "../../../domain/webhook/endpoint-rules.ts";
import { filterList } from "../../../domain/webhook/filter.ts";
import type { listEndpoints } from "../../../domain/webhook/list-endpoints.ts";
import type { WebhookCounts } from "../../../domain/webhook/tally.ts";
import type { TriedEndpoint } from "../../../domain/webhook/try-endpoint.ts";
import type { Json, JsonObject } from "../../../lib/json.ts";
import { percentOf, toHundredths } from "../../../lib/round.ts";
import type { ApiContext } from "../../shared/api.ts";
import { timeOf, timeOrNull } from "../convert.ts";
import { BASE } from "../operations.ts";
import type * as schema from "./schema.ts";

/** Where this deployment is reached from outside. */
const originOf = (c: ApiContext): string => c.var.configuration.publicUrl ?? new URL(c.req.url).origin;

/** Core's URLs hold a token that starts runs for whoever has it: it is shown there. */
export const endpointUrl = (c: ApiContext, { door, id, workflowId }: Endpoint): string =>
  door === "enhanced"
    ? `${originOf(c)}${BASE}/webhooks/receive/${id}`
    : `${originOf(c)}/api/v1/workflows/${workflowId}/webhooks`;

const sumOf = (refused: WebhookCounts["refused"]): number => Object.values(refused).reduce((sum, n) => sum + n, 0);

/** Percent of the calls that were not refused; null before the first. */
const rateOf = (received: number, refused: number): number | null =>
  received === 0 ? null : percentOf(received - refused, received);

export const toWebhook = (c: ApiContext, endpoint: Endpoint): z.input<typeof schema.webhook> => {
  const { counts, previousSecretUntil } = endpoint;
  const refused = sumOf(counts.refused);
  const isRotating = previousSecretUntil !== null && previousSecretUntil > c.var.ports.now();
  return {
    id: endpoint.id,
    endpointId: endpoint.id,
    name: endpoint.name,
    description: endpoint.description,
    workflowId: endpoint.workflowId === "" ? null : endpoint.workflowId,
    triggerId: endpoint.triggerId,
    api: endpoint.door,
    endpointUrl: endpointUrl(c, endpoint),
    enabled: endpoint.enabled,
    allowedOrigins: endpoint.allowedOrigins,
    rateLimit: toHundredths((endpoint.rateLimitMax * 60) / endpoint.rateLimitWindow),
    transformPayload: endpoint.transform,
    filterConditions: filterList(endpoint.filters) as JsonObject[],
    previousSecretValidUntil: isRotating ? timeOf(previousSecretUntil) : null,
    statistics: {
      received: counts.received,
      accepted: counts.accepted,
      duplicates: counts.duplicates,
      filtered: counts.filtered,
      refused,
      refusedByReason: counts.refused,
      successRate: rateOf(counts.received, refused),
      lastReceivedAt: timeOrNull(counts.lastReceivedAt ?? endpoint.lastTriggeredAt),
      lastAcceptedAt: timeOrNull(counts.lastAcceptedAt ?? endpoint.lastTriggeredAt),
      lastRefusal: counts.lastRefusal && { ...counts.lastRefusal, at: timeOf(counts.lastRefusal.at) },
    },
    createdAt: timeOf(endpoint.createdAt),
    updatedAt: timeOf(endpoint.updatedAt ?? endpoint.createdAt),
  };
};

export const toStatistics = ({
  endpoints,
  enabled,
  refused: refusedByReason,
  lastReceivedAt,
  ...counts
}: Awaited<ReturnType<typeof listEndpoints>>["sums"]) => {
  const refused = sumOf(refusedByReason);
  return {
    totalWebhooks: endpoints,
    activeWebhooks: enabled,
    ...counts,
    refused,
    refusedByReason,
    successRate: rateOf(counts.received, refused),
    lastReceivedAt: timeOrNull(lastReceivedAt),
  };
};

export const fromWebhookBody = ({
  transformPayload,
  filterConditions,
  ...rest
}: Omit<z.output<typeof schema.updateWebhookBody>, "name" | "workflowId">): EndpointChange => ({
  ...(rest as EndpointChange),
  ...(transformPayload !== undefined && { transform: transformPayload }),
  ...(filterConditions !== undefined && { filters: filterConditions as Json }),
});

const WIRE_FIELDS = { transform: "transformPayload", filters: "filterConditions" } as const;

const inWireWords = (field: string): string => {
  const [first = "", ...rest] = field.split(".");
  return [Object.hasOwn(WIRE_FIELDS, first) ? WIRE_FIELDS[first as keyof typeof WIRE_FIELDS] : first, ...rest].join(
    ".",
  );
};

/** Problems name the fields as they were sent. */
export const named = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "invalid_input") throw error;
    const problems = error.problems.map((one) => ({ ...one, field: inWireWords(one.field) }));
    const [first] = problems;
    throw new DomainError(error.code, first ? `${first.field}: ${first.message}` : error.message, { problems });
  }
};

const SAMPLE = { event: "order.paid", data: { id: "1001", total: 42 } };

/** How to call a new endpoint, without its secret in it. */
export const toTestInstructions = (c: ApiContext, endpoint: Endpoint) => {
  const url = endpointUrl(c, endpoint);
  const body = JSON.stringify(SAMPLE);
  return {
    method: "POST" as const,
    url,
    headers: { "Content-Type": "application/json", "X-Webhook-Signature": "sha256=<hex HMAC-SHA256 of the raw body>" },
    samplePayload: SAMPLE,
    signing: [
      {
        scheme: "standard-webhooks",
        headers: ["webhook-id", "webhook-timestamp", "webhook-signature"],
        description:
          "Standard Webhooks: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`, keyed with the bytes behind `whsec_`; at most 300 s old",
      },
      {
        scheme: "hmac-sha256",
        headers: ["X-Webhook-Signature"],
        description: "`sha256=` and hex of HMAC-SHA256 over the raw body, keyed with the secretKey as it is written",
      },
    ],
    curl: [
      `: "\${SECRET_KEY:?set it to the secretKey that was shown with this}"`,
      `BODY='${body}'`,
      `SIGNATURE=$(printf '%s' "$BODY" | openssl dgst -sha256 -hmac "$SECRET_KEY" | sed 's/^.* //')`,
      `curl -X POST '${url}' -H 'Content-Type: application/json' -H "X-Webhook-Signature: sha256=$SIGNATURE" -d "$BODY"`,
    ].join("\n"),
    testUrl: `${originOf(c)}${BASE}/webhooks/${endpoint.id}/test`,
  };
};

export const toTested = ({ success, data, workflowIds, logs }: TriedEndpoint) => ({
  success,
  processedPayload: data,
  triggeredWorkflows: workflowIds,
  logs: logs.map(({ at, level, step, message }) => ({ timestamp: timeOf(at), level, step, message })),
});
