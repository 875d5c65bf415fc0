// …/webhooks: a route an operation. A handler is parse, convert, verb, convert.
import { deleteEndpoint, rotateEndpointSecret, updateEndpoint } from "../../../domain/webhook/change-endpoint.ts";
import { createEndpoint } from "../../../domain/webhook/create-endpoint.ts";
import { listEndpoints } from "../../../domain/webhook/list-endpoints.ts";
import { readEndpoint } from "../../../domain/webhook/read-endpoint.ts";
import { tryEndpoint } from "../../../domain/webhook/try-endpoint.ts";
import type { ApiContext } from "../../shared/api.ts";
import { parsePage } from "../../shared/page.ts";
import { timeOf, toPagination } from "../convert.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import * as convert from "./convert.ts";
import { preflight } from "./preflight.ts";
import { receive } from "./receive.ts";
import * as schema from "./schema.ts";

const WEBHOOKS = `${BASE}/webhooks` as const;
const WEBHOOK = `${WEBHOOKS}/{endpointId}` as const;
const tag = "Webhooks";

const { routes, operation } = enhancedOperations();

export { routes };

operation(
  {
    method: "post",
    path: `${WEBHOOKS}/receive/{endpointId}`,
    summary: "Receive a signed call from outside",
    tag,
    public: true,
    sent: schema.receivedPayload,
    headers: {
      "webhook-id": "Standard Webhooks; the same id again starts nothing",
      "webhook-timestamp": "Standard Webhooks; seconds since 1970, at most 300 away",
      "webhook-signature": "Standard Webhooks; `v1,<base64>`, several with spaces between",
      "X-Webhook-Signature": "In their place: `sha256=` and the hex HMAC-SHA256 of the raw body",
      "Idempotency-Key": "Without a webhook-id: the same key again starts nothing",
    },
    answers: { 200: schema.receivedWebhook },
    errors: [400, 401, 403, 404, 413, 422, 429, 500, 503],
  },
  (c, { params }) => receive(c, params.endpointId),
);

// Browsers' own, and no part of the document.
routes.options(`${WEBHOOKS}/receive/:endpointId`, (c) => preflight(c, c.req.param("endpointId")));

operation(
  {
    method: "get",
    path: WEBHOOKS,
    summary: "List webhook endpoints, whichever API made them",
    tag,
    query: schema.webhookQuery,
    answers: { 200: schema.webhookList },
    errors: ALWAYS,
  },
  async (c, { query: { workflowId } }) => {
    const page = parsePage(c, "limit");
    const { rows, total, sums } = await listEndpoints(
      c.var.context,
      workflowId === undefined ? {} : { workflowId },
      page,
    );
    return c.json({
      webhooks: rows.map((row) => convert.toWebhook(c, row)),
      statistics: convert.toStatistics(sums),
      pagination: toPagination(page, total),
    });
  },
);

operation(
  {
    method: "post",
    path: WEBHOOKS,
    summary: "Create a webhook endpoint",
    tag,
    body: schema.createWebhookBody,
    answers: { 201: schema.createdWebhook },
    errors: [...ALWAYS, 404, 413, 422],
  },
  async (c, { body: { name, workflowId, ...settings } }) => {
    const { endpoint, secret } = await convert.named(
      createEndpoint(c.var.context, {
        ...convert.fromWebhookBody(settings),
        name,
        ...(workflowId != null && { workflowId }),
      }),
    );
    return c.json(
      {
        webhook: convert.toWebhook(c, endpoint),
        endpointUrl: convert.endpointUrl(c, endpoint),
        secretKey: secret,
        testInstructions: convert.toTestInstructions(c, endpoint),
      },
      201,
    );
  },
);

operation(
  {
    method: "get",
    path: WEBHOOK,
    summary: "Get a webhook endpoint with its statistics",
    tag,
    answers: { 200: schema.oneWebhook },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) =>
    c.json({ webhook: convert.toWebhook(c, await readEndpoint(c.var.context, params.endpointId)) }),
);

for (const method of ["put", "patch"] as const)
  operation(
    {
      method,
      path: WEBHOOK,
      summary: "Change a webhook endpoint; what is not named stays",
      tag,
      body: schema.updateWebhookBody,
      answers: { 200: schema.oneWebhook },
      errors: [...ALWAYS, 404, 409, 413],
    },
    async (c, { params, body }) => {
      const { name, workflowId, ...settings } = body;
      const change = {
        ...convert.fromWebhookBody(settings),
        ...(name !== undefined && { name }),
        ...(workflowId !== undefined && { workflowId }),
      };
      const endpoint = await convert.named(updateEndpoint(c.var.context, params.endpointId, change));
      return c.json({ webhook: convert.toWebhook(c, endpoint) });
    },
  );

operation(
  {
    method: "delete",
    path: WEBHOOK,
    summary: "Delete a webhook endpoint",
    tag,
    answers: { 200: schema.deletedWebhook },
    errors: [...ALWAYS, 404, 409],
  },
  async (c, { params }) =>
    c.json({
      success: true as const,
      webhook: convert.toWebhook(c, await deleteEndpoint(c.var.context, params.endpointId)),
    }),
);

const rotated = async (c: ApiContext, id: string, overlapSeconds: number) => {
  const { endpoint, secret } = await rotateEndpointSecret(c.var.context, id, overlapSeconds * 1000);
  const until = endpoint.previousSecretUntil;
  return c.json({
    webhook: convert.toWebhook(c, endpoint),
    secretKey: secret,
    previousSecretValidUntil: until === null ? null : timeOf(until),
  });
};

operation(
  {
    method: "post",
    path: `${WEBHOOK}/rotate-secret`,
    summary: "Rotate an endpoint's secret; the old one stays valid for a while",
    tag,
    body: schema.rotateSecretBody,
    answers: { 200: schema.rotatedSecret },
    errors: [...ALWAYS, 404, 409],
  },
  (c, { params, body }) => rotated(c, params.endpointId, body.overlapSeconds),
);

operation(
  {
    method: "post",
    path: `${WEBHOOK}/test`,
    summary: "Test what a call of a webhook endpoint would do; nothing starts",
    tag,
    perMinute: 60,
    computes: true,
    body: schema.testWebhookBody,
    answers: { 200: schema.testedWebhook },
    errors: [...ALWAYS, 404, 413],
  },
  async (c, { params, body }) => c.json(convert.toTested(await tryEndpoint(c.var.context, params.endpointId, body))),
);
