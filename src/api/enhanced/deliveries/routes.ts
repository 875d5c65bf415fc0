// Outgoing webhooks: …/webhooks/send, …/deliveries and …/signing-secret. A handler is parse, convert, verb, convert.
import { listDeliveries, readDelivery } from "../../../domain/delivery/log.ts";
import { replayDelivery, sendWebhook } from "../../../domain/delivery/send-webhook.ts";
import { changeSigningSecret, readSigningSecret } from "../../../domain/delivery/signing-secret.ts";
import { depthOf } from "../../shared/hops.ts";
import { parsePage } from "../../shared/page.ts";
import { toPagination } from "../convert.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import { rotateSecretBody } from "../webhooks/schema.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const WEBHOOKS = `${BASE}/webhooks` as const;
const tag = "Webhooks";

const { routes, operation } = enhancedOperations();

export { routes };

operation(
  {
    method: "post",
    path: `${WEBHOOKS}/send`,
    summary: "Send a signed webhook, with retries",
    tag,
    body: schema.sendBody,
    answers: { 200: schema.sent },
    errors: [...ALWAYS, 413],
  },
  async (c, { body }) => {
    return c.json(convert.toSent(c, await sendWebhook(c.var.context, convert.fromSend(body), depthOf(c).depth)));
  },
);

operation(
  {
    method: "get",
    path: `${WEBHOOKS}/deliveries`,
    summary: "List deliveries, newest first, with their attempts",
    tag,
    query: schema.deliveryQuery,
    answers: { 200: schema.deliveryList },
    errors: ALWAYS,
  },
  async (c, { query: { status } }) => {
    const page = parsePage(c, "limit");
    const { rows, total } = await listDeliveries(c.var.context, status === undefined ? {} : { status }, page);
    return c.json({ deliveries: rows.map(convert.toDelivery), pagination: toPagination(page, total) });
  },
);

operation(
  {
    method: "get",
    path: `${WEBHOOKS}/deliveries/{deliveryId}`,
    summary: "Get a delivery with its attempts",
    tag,
    answers: { 200: schema.oneDelivery },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) =>
    c.json({ delivery: convert.toDelivery(await readDelivery(c.var.context, params.deliveryId)) }),
);

operation(
  {
    method: "post",
    path: `${WEBHOOKS}/deliveries/{deliveryId}/replay`,
    summary: "Send a delivery again, under the same message id",
    tag,
    answers: { 200: schema.sent },
    errors: [...ALWAYS, 404, 409, 422],
  },
  async (c, { params }) => c.json(convert.toSent(c, await replayDelivery(c.var.context, params.deliveryId))),
);

operation(
  {
    method: "get",
    path: `${WEBHOOKS}/signing-secret`,
    summary: "Get the secret that outgoing webhooks are signed with, for their receivers",
    tag,
    answers: { 200: schema.signingSecret },
    errors: ALWAYS,
  },
  async (c) => c.json(convert.toSigningSecret(await readSigningSecret(c.var.context))),
);

operation(
  {
    method: "post",
    path: `${WEBHOOKS}/signing-secret/rotate`,
    summary: "Rotate the signing secret; both sign for a while",
    tag,
    body: rotateSecretBody,
    answers: { 200: schema.signingSecret },
    errors: ALWAYS,
  },
  async (c, { body }) =>
    c.json(convert.toSigningSecret(await changeSigningSecret(c.var.context, body.overlapSeconds * 1000))),
);
