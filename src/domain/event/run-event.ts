// An event of the stream as runs, filters and templates read it.
import type { RunEvent } from "../../engine/contract.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { StreamEvent } from "../event.ts";

/** `contact` as domain/contact/view.ts makes it. */
export const runEventOf = (event: StreamEvent, contact?: JsonObject): RunEvent => ({
  id: event.id,
  type: event.type,
  source: event.source,
  data: withoutFindings(event),
  occurredAt: event.occurredAt,
  ...(event.headers ? { headers: event.headers } : {}),
  ...(contact ? { contact } : {}),
  ...(event.conversationId === undefined ? {} : { conversationId: event.conversationId }),
});

/** Which template a message answers is found here (plan.ts), whatever the event says. */
const withoutFindings = ({ type, data }: StreamEvent): JsonObject => {
  if (type !== "MESSAGE_RECEIVED" || !Object.hasOwn(data, "template_ids")) return data;
  const { template_ids: _, ...rest } = data;
  return rest;
};
