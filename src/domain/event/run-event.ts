// An event of the stream as runs, filters and templates read it.
import type { RunEvent } from "../../engine/contract.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { StreamEvent } from "../event.ts";

/** `contact` as domain/contact/view.ts makes it. */
export const runEventOf = (event: StreamEvent, contact?: JsonObject): RunEvent => ({
  id: event.id,
  type: event.type,
  source: event.source,
  data: event.data,
  occurredAt: event.occurredAt,
  ...(event.headers ? { headers: event.headers } : {}),
  ...(contact ? { contact } : {}),
  ...(event.conversationId === undefined ? {} : { conversationId: event.conversationId }),
});
