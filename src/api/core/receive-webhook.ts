// The public door of webhooks: the webhook's verdict in the document's words.
import type { ApiContext } from "../shared/api.ts";
import { callWebhook, noWebhook } from "../shared/call-webhook.ts";
import { instant } from "./convert.ts";

/** 256 bits in URL-safe base64. Anything else can be no token, and is not asked for. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export const receiveWebhook = async (c: ApiContext, token: string): Promise<Response> => {
  if (!TOKEN.test(token)) throw noWebhook();
  const verdict = await callWebhook(c, token, noWebhook);
  if (verdict.kind === "challenge") return c.json({ challenge: verdict.challenge });
  // What only another API's webhooks do.
  if (verdict.kind === "filtered") throw noWebhook();
  return c.json({
    success: true,
    message: "Workflow execution triggered",
    data: {
      execution_id: verdict.executionId,
      webhook_id: verdict.webhookId,
      workflow_id: verdict.workflowId,
      status: "queued",
      timestamp: instant(verdict.acceptedAt),
      event_id: verdict.eventId,
      duplicate: verdict.duplicate,
    },
  });
};
