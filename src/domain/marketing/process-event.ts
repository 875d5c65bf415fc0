// An event that another system tells us of: about a person, with what it knows of them. It is in the log when this answers, and goes the way of every event.
import { insertEvents, setOutcomes } from "../../db/queries/events.ts";
import { REFUSED } from "../../db/queries/executions.ts";
import { newId } from "../../lib/ids.ts";
import type { Json, JsonObject } from "../../lib/json.ts";
import { jsonBytes } from "../../lib/parts-by-size.ts";
import { type Profile, upsertContact } from "../contact/upsert-contact.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { fieldWarnings } from "../event/field-warnings.ts";
import { MAX_EVENT_BYTES, type StreamEvent } from "../event.ts";
import { authorizeRole } from "../permission.ts";
import { knownEventType } from "./known-event-type.ts";

export type EventInput = {
  eventType: string;
  data: JsonObject;
  /** Absent: the event is about nobody. */
  profile: Profile;
  conversationId?: string;
};

/** Throws `invalid_input` for an event type that there is not, and for a profile that cannot be. Wrong types of fields are warnings in the log. */
export const processEvent = async (
  context: Context,
  { eventType, data, profile, conversationId }: EventInput,
): Promise<{ eventId: string }> => {
  const { ports, principal } = context;
  authorizeRole(principal, "operator", "execute");
  const { organizationId } = principal;
  const { db, inbox } = ports;
  const type = await knownEventType(db, organizationId, eventType);
  if (!type) {
    const problem = { field: "event_type", message: "There is no such event type.", code: "invalid_choice" };
    throw new DomainError("invalid_input", `event_type: ${problem.message}`, { problems: [problem] });
  }
  const contactId = await upsertContact(context, profile);
  const at = ports.now();
  const event: StreamEvent = {
    id: newId(at),
    organizationId,
    type: eventType,
    source: "api",
    ...(contactId === undefined ? {} : { contactId }),
    ...(conversationId === undefined ? {} : { conversationId }),
    data,
    occurredAt: at,
    depth: 0,
  };
  refuseLarge(event);
  const warnings = fieldWarnings(data, type.body.availableFields);
  await insertEvents(db, [{ ...event, receivedAt: at, ...(warnings.length > 0 ? { warnings } : {}) }]).run();
  try {
    await inbox.accept(event);
  } catch (error) {
    // Nobody hears of it; whoever sent it is told to come again, with another id.
    const outcome = { started: [], delivered: [], missed: [], stopped: REFUSED };
    await setOutcomes(db, [{ organizationId, id: event.id, outcome }]).run();
    throw error;
  }
  return { eventId: event.id };
};

const refuseLarge = (event: StreamEvent): void => {
  const size = jsonBytes(event as unknown as Json);
  if (size <= MAX_EVENT_BYTES) return;
  throw new DomainError("payload_too_large", `An event has at most ${MAX_EVENT_BYTES} bytes`, {
    problems: [{ field: "data", message: `must have at most ${MAX_EVENT_BYTES} bytes` }],
    details: { limit: MAX_EVENT_BYTES, size },
  });
};
