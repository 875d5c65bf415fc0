// The settings that a `Webhook` object judges by, read from the database: when they change, and when an object has none.

import {
  findEndpointsWithWorkflow,
  findWebhookByToken,
  findWebhooksWithWorkflow,
  type WebhookWithWorkflow,
} from "../../db/queries/webhooks.ts";
import { sha256Hex } from "../../lib/hmac.ts";
import { type JsonObject, own } from "../../lib/json.ts";
import { mapConcurrently } from "../../lib/map-concurrently.ts";
import type { Database, EndpointSettings, Ports, WebhookSettings } from "../ports.ts";
import { subscribersOf } from "./would-start.ts";

/** Objects that are told at once. */
const AT_ONCE = 20;

/** PERSISTED CONTRACT: what a webhook's secret is sealed under (Secrets). */
export const secretField = (webhookId: string): string => `webhooks.secret:${webhookId}`;

/** PERSISTED CONTRACT: the name of a webhook's object, so that a call finds it without a look-up. */
export const tokenHashOf = (token: string): Promise<string> => sha256Hex(token);

const endpointOf = (
  { previousSecretSealed, previousSecretUntil, filters, transform }: WebhookWithWorkflow,
  listeners: JsonObject[],
): EndpointSettings => ({
  previous:
    previousSecretSealed === null ? null : { sealedSecret: previousSecretSealed, until: previousSecretUntil ?? 0 },
  filters,
  transform: (own(transform, "expression") as string | undefined) ?? null,
  listeners,
});

/** With who subscribes to what it receives, where that is asked of it. */
const settingsOf = async (
  db: Database,
  webhook: WebhookWithWorkflow,
  listeners?: JsonObject[],
): Promise<WebhookSettings> => ({
  ...(await basicsOf(webhook)),
  ...(webhook.door === "enhanced" && {
    endpoint: endpointOf(webhook, listeners ?? (await subscribersOf(db, webhook.organizationId))),
    allowedOrigins: webhook.allowedOrigins,
  }),
});

const basicsOf = async (webhook: WebhookWithWorkflow): Promise<WebhookSettings> => ({
  webhookId: webhook.id,
  organizationId: webhook.organizationId,
  workflowId: webhook.workflowId,
  nodeIds: webhook.nodeIds,
  enabled: webhook.enabled,
  workflowActive: webhook.workflowActive,
  requireSignature: webhook.requireSignature,
  signatureScheme: webhook.signatureScheme,
  tokenHash: await tokenHashOf(webhook.token),
  sealedSecret: webhook.secretSealed,
  ipAllowlist: webhook.ipAllowlist,
  rateLimitMax: webhook.rateLimitMax,
  rateLimitWindowSeconds: webhook.rateLimitWindow,
});

export const settingsOfWorkflow = async (
  db: Database,
  organizationId: string,
  workflowId: string,
): Promise<WebhookSettings[]> =>
  Promise.all((await findWebhooksWithWorkflow(db, organizationId, workflowId)).map((one) => settingsOf(db, one)));

/** Every endpoint of the organisation learns anew who subscribes. */
export const tellEndpoints = async (ports: Pick<Ports, "db" | "webhooks">, organizationId: string): Promise<void> => {
  const endpoints = await findEndpointsWithWorkflow(ports.db, organizationId);
  if (endpoints.length === 0) return;
  const listeners = await subscribersOf(ports.db, organizationId);
  await mapConcurrently(endpoints, AT_ONCE, async (endpoint) =>
    ports.webhooks.configure(await settingsOf(ports.db, endpoint, listeners)),
  );
};

/** For an object that has none yet. Null for an unknown token. One read, or two. */
export const settingsOfToken = async (db: Database, token: string): Promise<WebhookSettings | null> => {
  const webhook = await findWebhookByToken(db, token);
  return webhook ? settingsOf(db, webhook) : null;
};

/** Pushes the present settings of one webhook to its object, with `over` instead of what the row says. */
export const tellWebhook = async (
  { db, webhooks }: Pick<Ports, "db" | "webhooks">,
  { organizationId, workflowId, id }: { organizationId: string; workflowId: string; id: string },
  over: Partial<Pick<WebhookSettings, "enabled">> = {},
): Promise<void> => {
  const [webhook] = await findWebhooksWithWorkflow(db, organizationId, workflowId, id);
  if (webhook) await webhooks.configure({ ...(await settingsOf(db, webhook)), ...over });
};
