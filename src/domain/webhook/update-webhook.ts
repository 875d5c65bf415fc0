// Changes to a webhook's settings. Token and workflow never change.
import { findWebhook, updateWebhook as updateStatement } from "../../db/queries/webhooks.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { tell } from "../tell.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import { secretField, tellWebhook } from "./settings.ts";
import { type Webhook, webhookOfRow } from "./webhook.ts";
import { checkWebhookChange, type WebhookChange } from "./webhook-rules.ts";

export const updateWebhook = async (
  context: Context,
  workflowId: string,
  id: string,
  { secret, ...change }: WebhookChange,
): Promise<Webhook> => {
  const { organizationId } = await openWorkflowHead(context, workflowId, "edit");
  const { db, secrets } = context.ports;
  const row = await findWebhook(db, organizationId, workflowId, id);
  if (!row) throw notFound("webhook");
  const webhook = { ...webhookOfRow(row), ...change };
  // A secret that was good for the old scheme may be none for the new one.
  const kept = () => secrets.decrypt(organizationId, secretField(id), row.secretSealed);
  const judged = secret ?? (change.signatureScheme === undefined ? undefined : await kept());
  checkWebhookChange({ ...change, ...(judged !== undefined && { secret: judged }) }, webhook.signatureScheme);
  const sealed =
    secret === undefined ? {} : { secretSealed: await secrets.encrypt(organizationId, secretField(id), secret) };
  const fields = [...Object.keys(change), ...(secret === undefined ? [] : ["secret"])];
  if (fields.length > 0) {
    await db.batch([
      updateStatement(db, row, { ...change, ...sealed }),
      auditStatement(context, { action: "webhook.updated", targetType: "webhook", targetId: id, details: { fields } }),
    ]);
  }
  await tell(() => tellWebhook(context.ports, row));
  return webhook;
};
