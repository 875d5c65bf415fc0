// The webhooks of a workflow, never with their secrets.
import { listWebhooks as queryWebhooks } from "../../db/queries/webhooks.ts";
import type { Context } from "../context.ts";
import { openWorkflowHeadWith } from "../workflow/access.ts";
import { type Webhook, webhookOfRow } from "./webhook.ts";

/** Enough to tell one from another. */
const SHOWN = 4;
const masked = (webhook: Webhook): Webhook => ({ ...webhook, token: `${webhook.token.slice(0, SHOWN)}****` });

/** Newest first. A token starts runs for whoever holds it: who may not execute the workflow, nor edit it, sees a mask. */
export const listWebhooks = async (
  context: Context,
  workflowId: string,
  page: { limit: number; offset: number },
): Promise<{ rows: Webhook[]; total: number }> => {
  const { workflow, mayAlso } = await openWorkflowHeadWith(context, workflowId, "view");
  const { organizationId } = workflow;
  const { rows, total } = await queryWebhooks(context.ports.db, organizationId, workflowId, page);
  const webhooks = rows.map(webhookOfRow);
  return { rows: mayAlso("execute") || mayAlso("edit") ? webhooks : webhooks.map(masked), total };
};
