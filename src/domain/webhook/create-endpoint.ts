// A new endpoint, of a workflow or for whoever subscribes. Its secret leaves us once, in the answer to this.
import { insertWebhook, isTooManyWebhooks, refuseMoreWebhooks, type WebhookRow } from "../../db/queries/webhooks.ts";
import { newId } from "../../lib/ids.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { openWorkflowHead, requireNotArchived } from "../workflow/access.ts";
import { MAX_WEBHOOKS } from "../workflow/limits.ts";
import { type Endpoint, endpointOfRow } from "./endpoint.ts";
import { columnsOf, type EndpointChange, MINUTE_SECONDS } from "./endpoint-rules.ts";
import { secretField, tellWebhook } from "./settings.ts";
import { ENDPOINT_SCHEME, newSecret } from "./signature.ts";

export type NewEndpoint = EndpointChange & { name: string; workflowId?: string; triggerId?: string };

/** Of one workflow, and of those that have none. */
const MAX_WITHOUT_WORKFLOW = 1_000;
const CALLS_A_MINUTE = 60;

/** The row of a new endpoint, with the statements that make it. Whoever calls has asked who may. */
export const prepareEndpoint = async (
  context: Context,
  { workflowId = "", triggerId, ...change }: NewEndpoint,
): Promise<{ row: WebhookRow; secret: string; statements: D1PreparedStatement[] }> => {
  const { db, now, secrets } = context.ports;
  const { organizationId } = context.principal;
  const columns = columnsOf(context.ports, change);
  const at = now();
  const id = newId(at);
  const secret = newSecret(ENDPOINT_SCHEME);
  const row: WebhookRow = {
    description: "",
    enabled: true,
    allowedOrigins: [],
    filters: null,
    transform: null,
    rateLimitMax: CALLS_A_MINUTE,
    rateLimitWindow: MINUTE_SECONDS,
    ...columns,
    name: change.name,
    organizationId,
    id,
    workflowId,
    door: "enhanced",
    triggerId: triggerId ?? null,
    // Its id is all that a call brings: the secret is what nobody may guess.
    token: id,
    secretSealed: await secrets.encrypt(organizationId, secretField(id), secret),
    previousSecretSealed: null,
    previousSecretUntil: null,
    requireSignature: true,
    signatureScheme: ENDPOINT_SCHEME,
    ipAllowlist: [],
    counts: null,
    createdAt: at,
    updatedAt: at,
    lastTriggeredAt: null,
    triggerCount: 0,
  };
  const statements = [
    insertWebhook(db, row),
    refuseMoreWebhooks(db, row, workflowId === "" ? MAX_WITHOUT_WORKFLOW : MAX_WEBHOOKS),
    auditStatement(context, {
      action: "webhook.created",
      targetType: "webhook",
      targetId: id,
      details: { name: row.name, ...(workflowId !== "" && { workflowId }) },
    }),
  ];
  return { row, secret, statements };
};

/** An object that was not told asks for its settings by itself at the first call. */
export const tellNewEndpoint = (context: Context, row: WebhookRow): Promise<void> =>
  tellWebhook(context.ports, row).catch((error) =>
    console.warn(JSON.stringify({ at: "webhook.created", webhook: row.id, message: String(error) })),
  );

/** For a batch that makes an endpoint. */
export const orTooMany = (error: unknown): never => {
  if (!isTooManyWebhooks(error)) throw error;
  throw new DomainError("impossible", "There are too many webhooks", { subject: "webhook" });
};

export const createEndpoint = async (
  context: Context,
  input: NewEndpoint,
): Promise<{ endpoint: Endpoint; secret: string }> => {
  if (input.workflowId === undefined) authorizeRole(context.principal, "editor", "write");
  else requireNotArchived(await openWorkflowHead(context, input.workflowId, "edit"));
  const { row, secret, statements } = await prepareEndpoint(context, input);
  await context.ports.db.batch(statements).catch(orTooMany);
  await tellNewEndpoint(context, row);
  return { endpoint: endpointOfRow(row), secret };
};
