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
import { tell } from "../tell.ts";
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
  await tellUntilTold(ports, async () => {
    const endpoints = await findEndpointsWithWorkflow(ports.db, organizationId);
    if (endpoints.length === 0) return [];
    const listeners = await subscribersOf(ports.db, organizationId);
    return Promise.all(endpoints.map((endpoint) => settingsOf(ports.db, endpoint, listeners)));
  });
};

/** Every object of the workflow's webhooks learns how they are set now. */
export const tellWebhooksOf = (
  ports: Pick<Ports, "db" | "webhooks">,
  organizationId: string,
  workflowId: string,
): Promise<void> => tellUntilTold(ports, () => settingsOfWorkflow(ports.db, organizationId, workflowId));

/** Whom many endpoints know, once: it may be 200 KB, and a thousand endpoints know the same. */
const textOf = (settings: readonly WebhookSettings[]): string => {
  const lists = new Set(settings.flatMap(({ endpoint }) => (endpoint ? [endpoint.listeners] : [])));
  const places = new Map([...lists].map((list, index) => [list, index]));
  const rest = settings.map(({ endpoint, ...basics }) =>
    endpoint ? [basics, { ...endpoint, listeners: places.get(endpoint.listeners) }] : [basics],
  );
  return JSON.stringify([[...lists], rest]);
};

/** Settings that change faster than they are told: their objects look for themselves later. */
const TELLINGS = 5;

/**
 * Until what was told is what the database says: who has read before another's change and tells after it would bring back what the other took away, a
 * secret for example. What has gone in between is forgotten.
 */
const tellUntilTold = async (
  { webhooks }: Pick<Ports, "webhooks">,
  read: () => Promise<WebhookSettings[]>,
): Promise<void> => {
  let told: WebhookSettings[] = [];
  for (let n = 0; n < TELLINGS; n++) {
    const settings = await read();
    if (textOf(settings) === textOf(told)) return;
    const gone = told.filter(({ tokenHash }) => !settings.some((one) => one.tokenHash === tokenHash));
    await mapConcurrently(settings, AT_ONCE, (one) => webhooks.configure(one));
    for (const { tokenHash } of gone) await webhooks.forget(tokenHash);
    told = settings;
  }
};

/** For an object that has none yet. Null for an unknown token. One read, or two. */
export const settingsOfToken = async (db: Database, token: string): Promise<WebhookSettings | null> => {
  const webhook = await findWebhookByToken(db, token);
  return webhook ? settingsOf(db, webhook) : null;
};

type Named = { organizationId: string; workflowId: string; id: string };

/** Pushes the present settings of one webhook to its object, with `over` instead of what the row says. */
export const tellWebhook = async (
  ports: Pick<Ports, "db" | "webhooks">,
  { organizationId, workflowId, id }: Named,
  over: Partial<Pick<WebhookSettings, "enabled">> = {},
): Promise<void> =>
  tellUntilTold(ports, async () => {
    const [webhook] = await findWebhooksWithWorkflow(ports.db, organizationId, workflowId, id);
    return webhook ? [{ ...(await settingsOf(ports.db, webhook)), ...over }] : [];
  });

/**
 * What takes webhooks away, while their objects are closed: were they told after it and the telling lost, nobody could repeat it. When it fails
 * they are opened again, since they are still there.
 */
export const whileClosed = async <T>(
  ports: Pick<Ports, "db" | "webhooks">,
  webhooks: readonly Named[],
  takeAway: () => Promise<T>,
): Promise<T> => {
  await tell(async () => {
    for (const webhook of webhooks) await tellWebhook(ports, webhook, { enabled: false });
  });
  try {
    return await takeAway();
  } catch (error) {
    for (const webhook of webhooks)
      await tellWebhook(ports, webhook).catch((failure) =>
        console.warn(JSON.stringify({ at: "webhook.opened", webhook: webhook.id, message: String(failure) })),
      );
    throw error;
  }
};
