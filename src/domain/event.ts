// An event: the one thing that everything else follows from.
import type { JsonObject } from "../lib/json.ts";

/** PERSISTED CONTRACT: outbox rows, queue messages and the event log hold this shape. */
export type StreamEvent = {
  id: string;
  organizationId: string;
  type: string;
  /** Who said so: `webhook:<id>`, `twilio`, `schedule:<id>`, `api`, `execution:<id>`. */
  source: string;
  contactId?: string;
  conversationId?: string;
  data: JsonObject;
  /** What the sender's headers tell beside the body (the kind of event, mostly); names in lower case, nothing secret. */
  headers?: { [name: string]: string };
  /** Epoch ms. */
  occurredAt: number;
  /** Events that caused this one, counted; a chain is cut at MAX_EVENT_DEPTH. */
  depth: number;
  /** Whose webhook or schedule it is: started whether it subscribes or not, beside those that do. */
  target?: { workflowId: string; nodeIds: string[] };
  /** Of MANUAL_TRIGGER: the workflow that was executed. Its run is started by whoever executed it; the stream tells the others. */
  executed?: { workflowId: string };
};

export const MAX_EVENT_DEPTH = 10;

/** As JSON, in bytes. An event is a row of its outbox, of the log and of each journal: production's rows hold 2 MB, and the rest needs some. */
export const MAX_EVENT_BYTES = 1_500_000;
