// The public door of endpoints: raw bytes to the endpoint's object, its verdict to the document's answers. No database on this way.
import { DomainError } from "../../../domain/errors.ts";
import { isUuid } from "../../../lib/ids.ts";
import type { ApiContext } from "../../shared/api.ts";
import { writeRateLimit } from "../../shared/rate-limit.ts";
import { readBytes } from "../../shared/read-body.ts";
import { countUnknown } from "../operations.ts";

/** Who looks for endpoints is counted by their network, as everybody is who cannot prove who they are. */
const unknown = async (c: ApiContext): Promise<DomainError> => {
  await countUnknown(c);
  return new DomainError("not_found", "Webhook not found", { subject: "webhook" });
};

export const receive = async (c: ApiContext, id: string): Promise<Response> => {
  const endpointId = id.toLowerCase();
  // Other texts name no endpoint: some are tokens of the core API, which have a door of their own.
  if (!isUuid(endpointId)) throw await unknown(c);
  const { ports, clientAddress } = c.var;
  const now = ports.now();
  const verdict = await ports.webhooks.receive(endpointId, {
    bodyBytes: await readBytes(c),
    headers: Object.fromEntries(c.req.raw.headers),
    clientAddress,
    now,
  });
  if (verdict.kind === "challenge" || (verdict.kind === "refused" && verdict.code === "not_found"))
    throw await unknown(c);
  if (verdict.rateLimit) writeRateLimit(c, { ...verdict.rateLimit, resetAt: verdict.rateLimit.resetAt * 1000 });
  if (verdict.kind === "refused") {
    const wait = verdict.rateLimit && Math.max(1, verdict.rateLimit.resetAt - Math.floor(now / 1000));
    throw new DomainError(verdict.code, verdict.message, {
      subject: "webhook",
      ...(verdict.code === "rate_limited" && wait !== undefined && { retryAfterSeconds: wait }),
    });
  }
  const started = verdict.kind === "accepted" ? verdict.started : [];
  return c.json({
    success: true as const,
    workflowsTriggered: started.map(({ workflowId }) => workflowId),
    processingTime: Math.max(0, ports.now() - now),
    executionIds: started.map(({ executionId }) => executionId),
    eventId: verdict.kind === "accepted" ? verdict.eventId : null,
    duplicate: verdict.kind === "accepted" && verdict.duplicate,
    filtered: verdict.kind === "filtered",
  });
};
