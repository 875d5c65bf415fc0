// The public door of endpoints: the endpoint's verdict in the document's words.
import type { DomainError } from "../../../domain/errors.ts";
import { isUuid } from "../../../lib/ids.ts";
import type { ApiContext } from "../../shared/api.ts";
import { callWebhook, noWebhook } from "../../shared/call-webhook.ts";
import { countUnknown } from "../operations.ts";

/** Who looks for endpoints is counted by their network, as everybody is who cannot prove who they are. */
const unknown = async (c: ApiContext): Promise<DomainError> => {
  await countUnknown(c);
  return noWebhook();
};

export const receive = async (c: ApiContext, id: string): Promise<Response> => {
  const { ports } = c.var;
  const now = ports.now();
  const endpointId = id.toLowerCase();
  // Other texts name no endpoint: some are tokens of the core API, which have a door of their own.
  if (!isUuid(endpointId)) throw await unknown(c);
  const verdict = await callWebhook(c, endpointId, () => unknown(c));
  if (verdict.kind === "challenge") throw await unknown(c);
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
