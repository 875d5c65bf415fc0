// The end of a webhook: its URL is unknown from now on. Events it accepted before are still processed.
import { deleteWebhook as deleteStatement, findWebhook } from "../../db/queries/webhooks.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import { tokenHashOf, whileClosed } from "./settings.ts";

export const deleteWebhook = async (context: Context, workflowId: string, id: string): Promise<void> => {
  const { organizationId } = await openWorkflowHead(context, workflowId, "edit");
  const { db, webhooks } = context.ports;
  const row = await findWebhook(db, organizationId, workflowId, id);
  if (!row) throw notFound("webhook");
  const statements = [
    deleteStatement(db, row),
    auditStatement(context, {
      action: "webhook.deleted",
      targetType: "webhook",
      targetId: id,
      details: { workflowId },
    }),
  ];
  await whileClosed(context.ports, [row], () => db.batch(statements));
  const forgotten = webhooks.forget(await tokenHashOf(row.token));
  await forgotten.catch((error) =>
    console.warn(JSON.stringify({ at: "webhook.deleted", webhook: id, message: String(error) })),
  );
};
