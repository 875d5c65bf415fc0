// Sending a webhook: its object keeps it and sees it through, also when whoever sends it has gone; this waits for the end as long as a caller may
// be asked to.
import { newId } from "../../lib/ids.ts";
import { actorOf, auditRow } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError, invalid } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import {
  type Delivery,
  type DeliveryAnswer,
  type DeliveryRequest,
  MAX_TIMEOUT_MS,
  shownHeaders,
  shownUrl,
} from "./delivery.ts";
import { readDelivery } from "./log.ts";

export type SentDelivery = { delivery: Delivery; answer: DeliveryAnswer | null };

/** One attempt always fits, and retries as far as they do; later ones go on without the caller. */
const WAIT_MS = MAX_TIMEOUT_MS + 5_000;

const isHeader = (name: string, value: string): boolean => {
  try {
    new Headers([[name, value]]);
    return true;
  } catch {
    return false;
  }
};

/** Ours, and part of the signature. */
const OWN_HEADERS = /^webhook-(?:id|timestamp|signature)$/i;

/** With a payload in its query. */
const MAX_URL_LENGTH = 8_000;

const check = ({ ports }: Context, { url, headers }: DeliveryRequest): void => {
  const refusal = ports.egress.refusalOf(url);
  if (refusal !== undefined) throw invalid("url", refusal);
  for (const [name, value] of Object.entries(headers)) {
    if (!isHeader(name, value)) throw invalid(`headers.${name}`, "Cannot be sent as a header.");
    if (OWN_HEADERS.test(name)) throw invalid(`headers.${name}`, "Is made by the signature.");
  }
  if (url.length > MAX_URL_LENGTH)
    throw invalid("payload", `Makes a URL of more than ${MAX_URL_LENGTH} characters; send it with POST.`);
};

/** `hops`: of the request that asks for it, so that services that call each other come to an end. */
export const sendWebhook = async (context: Context, request: DeliveryRequest, hops: number): Promise<SentDelivery> => {
  authorizeRole(context.principal, "operator", "execute");
  check(context, request);
  const id = newId(context.ports.now());
  return send(context, request, { id, messageId: `msg_${id}`, replayOf: null, hops });
};

/** The same request once more, under the same message id: a receiver that has it knows it. Throws `not_found`, `impossible`. */
export const replayDelivery = async (context: Context, deliveryId: string): Promise<SentDelivery> => {
  authorizeRole(context.principal, "operator", "execute");
  const { messageId, status } = await readDelivery(context, deliveryId);
  if (status === "pending")
    throw new DomainError("conflict", "The delivery is still on its way", { subject: "delivery" });
  const { organizationId } = context.principal;
  const kept = await context.ports.deliveries.request(organizationId, deliveryId);
  if (!kept) throw new DomainError("impossible", "The request is no longer kept", { subject: "delivery" });
  check(context, kept.request);
  const id = newId(context.ports.now());
  return send(context, kept.request, { id, messageId, replayOf: deliveryId, hops: kept.hops });
};

type Sending = { id: string; messageId: string; replayOf: string | null; hops: number };

const send = async (context: Context, request: DeliveryRequest, { hops, ...names }: Sending): Promise<SentDelivery> => {
  const { principal, ports } = context;
  const delivery: Delivery = {
    ...names,
    organizationId: principal.organizationId,
    url: shownUrl(request.url),
    method: request.method,
    headers: shownHeaders(request.headers),
    status: "pending",
    attempts: [],
    maxAttempts: request.retry.maxAttempts,
    nextAttemptAt: ports.now(),
    createdBy: actorOf(principal),
    createdAt: ports.now(),
    completedAt: null,
  };
  // Its object writes it with the row. Written here, before the object has it, it would say of one that never left that it was sent: also to whoever
  // asks again with the same Idempotency-Key.
  const audit = auditRow(context, {
    action: names.replayOf === null ? "delivery.sent" : "delivery.replayed",
    targetType: "delivery",
    targetId: names.id,
    details: { url: delivery.url, method: delivery.method },
  });
  return ports.deliveries.send({ delivery, request, hops, audit }, WAIT_MS);
};
