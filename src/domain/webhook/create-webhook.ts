// A new webhook of a workflow. Its secret leaves us once, in the answer to this.
import { insertWebhook, isTooManyWebhooks, refuseMoreWebhooks, type WebhookRow } from "../../db/queries/webhooks.ts";
import { newId, randomToken } from "../../lib/ids.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { openWorkflowHead, requireNotArchived } from "../workflow/access.ts";
import { MAX_WEBHOOKS } from "../workflow/limits.ts";
import { secretField, tellWebhook } from "./settings.ts";
import { newSecret } from "./signature.ts";
import { type Webhook, webhookOfRow } from "./webhook.ts";
import { checkWebhookChange, type WebhookChange } from "./webhook-rules.ts";

export type NewWebhook = WebhookChange & { name: string };

/** Unsigned calls are taken unless `requireSignature` says otherwise: the token alone is 256 bits. */
export const createWebhook = async (
  context: Context,
  workflowId: string,
  input: NewWebhook,
): Promise<{ webhook: Webhook; secret: string }> => {
  const workflow = await openWorkflowHead(context, workflowId, "edit");
  requireNotArchived(workflow);
  const scheme = input.signatureScheme ?? "signalbox";
  checkWebhookChange(input, scheme);
  const { db, now, secrets } = context.ports;
  const { organizationId } = workflow;
  const at = now();
  const id = newId(at);
  const secret = input.secret ?? newSecret(scheme);
  const row: WebhookRow = {
    organizationId,
    id,
    workflowId,
    door: "core",
    triggerId: null,
    name: input.name,
    description: input.description ?? "",
    token: randomToken(),
    secretSealed: await secrets.encrypt(organizationId, secretField(id), secret),
    previousSecretSealed: null,
    previousSecretUntil: null,
    enabled: input.enabled ?? true,
    requireSignature: input.requireSignature ?? false,
    signatureScheme: scheme,
    ipAllowlist: input.ipAllowlist ?? [],
    rateLimitMax: input.rateLimitMax ?? 60,
    rateLimitWindow: input.rateLimitWindow ?? 60,
    allowedOrigins: [],
    filters: null,
    transform: null,
    counts: null,
    createdAt: at,
    updatedAt: null,
    lastTriggeredAt: null,
    triggerCount: 0,
  };
  await db
    .batch([
      insertWebhook(db, row),
      refuseMoreWebhooks(db, row, MAX_WEBHOOKS),
      auditStatement(context, {
        action: "webhook.created",
        targetType: "webhook",
        targetId: id,
        details: { workflowId, name: row.name },
      }),
    ])
    .catch((error) => {
      throw isTooManyWebhooks(error) ? hasTooMany() : error;
    });
  // An object that was not told asks for its settings by itself at the first call.
  await tellWebhook(context.ports, row).catch((error) =>
    console.warn(JSON.stringify({ at: "webhook.created", webhook: id, message: String(error) })),
  );
  return { webhook: webhookOfRow(row), secret };
};

const hasTooMany = (): DomainError =>
  new DomainError("impossible", `A workflow may have at most ${MAX_WEBHOOKS} webhooks`, { subject: "webhook" });
