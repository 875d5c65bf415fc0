// An event of the stream as runs, filters and templates read it.
import type { RunEvent } from "../../engine/contract.ts";
import { type JsonObject, own } from "../../lib/json.ts";
import type { StreamEvent } from "../event.ts";

/** `contact` as domain/contact/view.ts makes it. */
export const runEventOf = (event: StreamEvent, contact?: JsonObject): RunEvent => ({
  id: event.id,
  type: event.type,
  source: event.source,
  data: dataOf(event, contact),
  occurredAt: event.occurredAt,
  ...(event.headers ? { headers: event.headers } : {}),
  ...(contact ? { contact } : {}),
  ...(event.conversationId === undefined ? {} : { conversationId: event.conversationId }),
});

/**
 * What is said of a message's fields (marketing/built-in-event-types.ts) holds whoever told of it: what its data leave out, the event says of itself.
 * Which template a message answers is found here (plan.ts), whatever the event says.
 */
const dataOf = ({ type, source, contactId, conversationId, occurredAt, data }: StreamEvent, contact?: JsonObject) => {
  if (type !== "MESSAGE_RECEIVED") return data;
  const { template_ids: _, ...said } = data;
  return {
    source,
    timestamp: new Date(occurredAt).toISOString(),
    ...(contactId === undefined ? {} : { user_id: (contact && own(contact, "external_id")) ?? contactId }),
    ...(conversationId === undefined ? {} : { conversation_id: conversationId }),
    ...said,
  };
};
