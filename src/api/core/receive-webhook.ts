// The public door of webhooks: raw bytes to the webhook's object, its verdict to the document's answers. No database on this way.
import { DomainError } from "../../domain/errors.ts";
import type { RateLimit } from "../../domain/ports.ts";
import type { ApiContext } from "../shared/api.ts";
import { writeRateLimit } from "../shared/rate-limit.ts";
import { readBytes } from "../shared/read-body.ts";
import { instant } from "./convert.ts";

/** 256 bits in URL-safe base64. Anything else can be no token, and is not asked for. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

const tell = (c: ApiContext, { limit, remaining, resetAt }: RateLimit): void =>
  writeRateLimit(c, { limit, remaining, resetAt: resetAt * 1000 });

export const receiveWebhook = async (c: ApiContext, token: string): Promise<Response> => {
  if (!TOKEN.test(token)) throw new DomainError("not_found", "Webhook not found", { subject: "webhook" });
  const { ports, clientAddress } = c.var;
  const now = ports.now();
  const verdict = await ports.webhooks.receive(token, {
    bodyBytes: await readBytes(c),
    headers: Object.fromEntries(c.req.raw.headers),
    clientAddress,
    now,
  });
  if (verdict.kind === "challenge") return c.json({ challenge: verdict.challenge });
  if (verdict.rateLimit) tell(c, verdict.rateLimit);
  if (verdict.kind === "refused") {
    const wait = verdict.rateLimit && Math.max(1, verdict.rateLimit.resetAt - Math.floor(now / 1000));
    throw new DomainError(verdict.code, verdict.message, {
      subject: "webhook",
      ...(verdict.code === "rate_limited" && wait !== undefined && { retryAfterSeconds: wait }),
    });
  }
  // What only another API's webhooks do.
  if (verdict.kind === "filtered") throw new DomainError("not_found", "Webhook not found", { subject: "webhook" });
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
