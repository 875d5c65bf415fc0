// The webhooks of a workflow, never with their secrets.
import { listWebhooks as queryWebhooks } from "../../db/queries/webhooks.ts";
import type { Context } from "../context.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import { type Webhook, webhookOfRow } from "./webhook.ts";

/** Newest first. */
export const listWebhooks = async (
  context: Context,
  workflowId: string,
  page: { limit: number; offset: number },
): Promise<{ rows: Webhook[]; total: number }> => {
  const { organizationId } = await openWorkflowHead(context, workflowId, "view");
  const { rows, total } = await queryWebhooks(context.ports.db, organizationId, workflowId, page);
  return { rows: rows.map(webhookOfRow), total };
};
