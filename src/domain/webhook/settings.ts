// The settings that a `Webhook` object judges by, read from the database: when they change, and when an object has none.
import { findWebhookByToken, findWebhooksWithWorkflow, type WebhookWithWorkflow } from "../../db/queries/webhooks.ts";
import { sha256Hex } from "../../lib/hmac.ts";
import type { Database, Ports, WebhookSettings } from "../ports.ts";

/** PERSISTED CONTRACT: what a webhook's secret is sealed under (Secrets). */
export const secretField = (webhookId: string): string => `webhooks.secret:${webhookId}`;

/** PERSISTED CONTRACT: the name of a webhook's object, so that a call finds it without a look-up. */
export const tokenHashOf = (token: string): Promise<string> => sha256Hex(token);

const settingsOf = async (webhook: WebhookWithWorkflow): Promise<WebhookSettings> => ({
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
  Promise.all((await findWebhooksWithWorkflow(db, organizationId, workflowId)).map(settingsOf));

/** For an object that has none yet. Null for an unknown token. One read. */
export const settingsOfToken = async (db: Database, token: string): Promise<WebhookSettings | null> => {
  const webhook = await findWebhookByToken(db, token);
  return webhook ? settingsOf(webhook) : null;
};

/** Pushes the present settings of one webhook to its object, with `over` instead of what the row says. */
export const tellWebhook = async (
  { db, webhooks }: Pick<Ports, "db" | "webhooks">,
  { organizationId, workflowId, id }: { organizationId: string; workflowId: string; id: string },
  over: Partial<Pick<WebhookSettings, "enabled">> = {},
): Promise<void> => {
  const [webhook] = await findWebhooksWithWorkflow(db, organizationId, workflowId, id);
  if (webhook) await webhooks.configure({ ...(await settingsOf(webhook)), ...over });
};
