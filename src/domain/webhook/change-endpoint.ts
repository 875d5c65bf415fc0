// Changes to an endpoint: its settings, its secret, its end. The object is told after the row, so that a repeated request finds what is left to do.
import {
  deleteEndpoint as deleteStatement,
  isRotatedMeanwhile,
  refuseRotated,
  updateEndpoint as updateStatement,
} from "../../db/queries/endpoints.ts";
import type { WebhookRow } from "../../db/queries/webhooks.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { invalid } from "../errors.ts";
import { tell } from "../tell.ts";
import { changedMeanwhile, changing } from "../workflow/changing.ts";
import { type Endpoint, endpointOfRow, openEndpoint } from "./endpoint.ts";
import { columnsOf, type EndpointChange } from "./endpoint-rules.ts";
import { secretField, tellWebhook, tokenHashOf, whileClosed } from "./settings.ts";
import { ENDPOINT_SCHEME, newSecret } from "./signature.ts";

const change = async (
  context: Context,
  row: WebhookRow,
  columns: Partial<WebhookRow>,
  action: string,
  fields: string[],
  unless: D1PreparedStatement[] = [],
): Promise<Endpoint> => {
  const { db, now } = context.ports;
  const changed = { ...columns, updatedAt: now() };
  await db.batch([
    ...unless,
    updateStatement(db, row, changed),
    auditStatement(context, { action, targetType: "webhook", targetId: row.id, details: { fields } }),
  ]);
  await tell(() => tellWebhook(context.ports, row));
  return endpointOfRow({ ...row, ...changed });
};

/** `workflowId`: for who sends an endpoint back as they got it; it keeps its workflow. */
export const updateEndpoint = async (
  context: Context,
  id: string,
  { workflowId, ...input }: EndpointChange & { workflowId?: string | null },
): Promise<Endpoint> => {
  const row = await openEndpoint(context, id, "edit");
  if (workflowId !== undefined && (workflowId ?? "") !== row.workflowId)
    throw invalid("workflowId", "Cannot be changed; delete the endpoint and create another.");
  const columns = columnsOf(context.ports, input);
  return change(context, row, columns, "webhook.updated", Object.keys(columns));
};

/** The old secret is good beside the new one for `overlapMs`; one that was still good from the time before is not any more. */
export const rotateEndpointSecret = (
  context: Context,
  id: string,
  overlapMs: number,
): Promise<{ endpoint: Endpoint; secret: string }> =>
  changing(async () => {
    const row = await openEndpoint(context, id, "edit");
    const { db, secrets, now } = context.ports;
    const secret = newSecret(ENDPOINT_SCHEME);
    const columns = {
      secretSealed: await secrets.encrypt(row.organizationId, secretField(id), secret),
      previousSecretSealed: overlapMs > 0 ? row.secretSealed : null,
      previousSecretUntil: overlapMs > 0 ? now() + overlapMs : null,
    };
    // Of two at once the second keeps the first one's as the old one: both have been shown to somebody.
    const unless = [refuseRotated(db, row)];
    const rotated = change(context, row, columns, "webhook.secret_rotated", ["secret"], unless);
    const endpoint = await rotated.catch((error: unknown) => {
      throw isRotatedMeanwhile(error) ? changedMeanwhile("webhook") : error;
    });
    return { endpoint, secret };
  });

/** What it accepted before is still processed. */
export const deleteEndpoint = async (context: Context, id: string): Promise<Endpoint> => {
  const row = await openEndpoint(context, id, "edit");
  await closeEndpoint(context, row, [
    deleteStatement(context.ports.db, row),
    auditStatement(context, { action: "webhook.deleted", targetType: "webhook", targetId: id }),
  ]);
  return endpointOfRow(row);
};

/** `statements` delete the row, with what goes along with it. */
const closeEndpoint = async (context: Context, row: WebhookRow, statements: D1PreparedStatement[]): Promise<void> => {
  const { db, webhooks } = context.ports;
  await whileClosed(context.ports, [row], () => db.batch(statements));
  const forgotten = webhooks.forget(await tokenHashOf(row.token));
  await forgotten.catch((error) =>
    console.warn(JSON.stringify({ at: "webhook.deleted", webhook: row.id, message: String(error) })),
  );
};
