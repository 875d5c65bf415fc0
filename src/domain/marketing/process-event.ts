// An event that another system tells us of: about a person, with what it knows of them. It is in the log when this answers, and goes the way of
// every event.
import { insertEvents, setOutcomes } from "../../db/queries/events.ts";
import { REFUSED, reopenEvent } from "../../db/queries/executions.ts";
import { type EventRow, findEvents } from "../../db/queries/waiters.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { derivedId, newId } from "../../lib/ids.ts";
import { type JsonObject, pathOf } from "../../lib/json.ts";
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
  /** The same key is the same event, for at least a day. */
  idempotencyKey?: string;
  /** Events that led to this one, as far as whoever sends it says so. */
  depth?: number;
};

/** Throws `invalid_input` for an event type that there is not, and for a profile that cannot be. Wrong types of fields are warnings in the log. */
export const processEvent = async (
  context: Context,
  { eventType, data, profile, conversationId, idempotencyKey, depth = 0 }: EventInput,
): Promise<{ eventId: string }> => {
  const { ports, principal } = context;
  authorizeRole(principal, "operator", "execute");
  const { organizationId } = principal;
  const { db } = ports;
  const type = await knownEventType(db, organizationId, eventType);
  if (!type) {
    const problem = { field: "event_type", message: "There is no such event type.", code: "invalid_choice" };
    throw new DomainError("invalid_input", `event_type: ${problem.message}`, { problems: [problem] });
  }
  const at = ports.now();
  const ids = await idsOf(organizationId, idempotencyKey, at);
  const [known] = idempotencyKey === undefined ? [] : await findEvents(db, organizationId, ids);
  if (known) return tellAgain(context, known);
  const contactId = await upsertContact(context, profile);
  const event: StreamEvent = {
    id: ids[0]!,
    organizationId,
    type: eventType,
    source: "api",
    ...(contactId === undefined ? {} : { contactId }),
    ...(conversationId === undefined ? {} : { conversationId }),
    data,
    occurredAt: at,
    depth,
  };
  refuseLarge(event);
  const warnings = fieldWarnings(data, type.body.availableFields);
  const { results } = await insertEvents(db, [
    { ...event, receivedAt: at, ...(warnings.length > 0 ? { warnings } : {}) },
  ]).run();
  if (results.length === 0) {
    // Somebody with the same key was faster.
    const [first] = await findEvents(db, organizationId, [event.id]);
    if (first) return tellAgain(context, first);
  }
  return tell(context, event);
};

const tell = async ({ ports }: Context, event: StreamEvent): Promise<{ eventId: string }> => {
  const { organizationId, id } = event;
  try {
    await ports.inbox.accept(event, id);
  } catch (error) {
    // Nobody hears of it; whoever sent it is told to come again.
    const outcome = { started: [], delivered: [], missed: [], stopped: REFUSED };
    await setOutcomes(ports.db, [{ organizationId, id, outcome }]).run();
    throw error;
  }
  return { eventId: id };
};

/** What an earlier request with the same key has begun, from where that one got to. */
const tellAgain = async (context: Context, row: EventRow): Promise<{ eventId: string }> => {
  const { id, organizationId, type, source, contactId, conversationId, data, occurredAt, depth, outcome } = row;
  if (outcome !== null && pathOf(outcome, "stopped") !== REFUSED) return { eventId: id };
  await reopenEvent(context.ports.db, organizationId, id).run();
  return tell(context, {
    id,
    organizationId,
    type,
    source,
    data,
    occurredAt,
    depth,
    ...(contactId === null ? {} : { contactId }),
    ...(conversationId === null ? {} : { conversationId }),
  });
};

/** Today's first. With a key they follow from it and the day; yesterday's counts as well, so that a key is known for a day at least. */
const idsOf = async (organizationId: string, key: string | undefined, at: number): Promise<string[]> => {
  if (key === undefined) return [newId(at)];
  const today = Math.floor(at / DAY_MS) * DAY_MS;
  return Promise.all([today, today - DAY_MS].map((day) => derivedId(day, "told", organizationId, key)));
};

const refuseLarge = (event: StreamEvent): void => {
  const size = jsonBytes(event);
  if (size <= MAX_EVENT_BYTES) return;
  throw new DomainError("payload_too_large", `An event may have at most ${MAX_EVENT_BYTES} bytes`, {
    problems: [{ field: "data", message: `must have at most ${MAX_EVENT_BYTES} bytes` }],
    details: { limit: MAX_EVENT_BYTES, size },
  });
};
