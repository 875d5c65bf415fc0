// What actions change on a contact. A change and the event that tells of it are written in one transaction, and the event only when something
// changes; then the event is accepted like any other. A repeated attempt finds the event of the first by its id, which follows from the step.
import {
  addTag as addTagStatement,
  contactOf,
  insertNote,
  mergeAttributes,
  removeTag as removeTagStatement,
  selectContact,
  selectNoteOfStep,
} from "../../db/queries/contacts.ts";
import { insertEventIf, selectEvent } from "../../db/queries/events.ts";
import { derivedId, newId } from "../../lib/ids.ts";
import { isForbiddenKey, type JsonObject } from "../../lib/json.ts";
import type { Attempted, ContactChange, StepRef } from "../action-ports.ts";
import type { StreamEvent } from "../event.ts";
import type { Ports } from "../ports.ts";
import { MAX_BYTES, problemsOfAttributes, mergeAttributes as withoutNulls } from "./attributes.ts";
import { MAX_TAGS } from "./contact-input.ts";
import { contactView } from "./view.ts";

export type ChangingWorld = Pick<Ports, "db" | "inbox" | "now">;

const noContact = <T>(contactId: string): Attempted<T> => ({
  outcome: "refused",
  code: "NOT_FOUND",
  message: `There is no contact ${contactId}`,
  retryable: false,
});

const HAS_TAG = "(SELECT 1 FROM contacts c, json_each(c.tags) t WHERE c.org_id = ?2 AND c.id = ?3 AND t.value = ?4)";
const HAS_ROOM = `EXISTS (SELECT 1 FROM contacts c WHERE c.org_id = ?2 AND c.id = ?3 AND json_array_length(c.tags) < ${MAX_TAGS})`;

/** One batch of four statements, and a call to an inbox when something changed. Refused when the contact has as many as it may. */
export const addTag = (
  world: ChangingWorld,
  step: StepRef,
  contactId: string,
  tag: string,
): Promise<Attempted<ContactChange>> => changeTag(world, step, contactId, tag, "TAG_ADDED");

export const removeTag = (
  world: ChangingWorld,
  step: StepRef,
  contactId: string,
  tag: string,
): Promise<Attempted<ContactChange>> => changeTag(world, step, contactId, tag, "TAG_REMOVED");

const changeTag = async (
  world: ChangingWorld,
  step: StepRef,
  contactId: string,
  tag: string,
  type: "TAG_ADDED" | "TAG_REMOVED",
): Promise<Attempted<ContactChange>> => {
  const { db } = world;
  const { organizationId } = step;
  const at = world.now();
  const event = await eventOfStep(step, type, at, { contactId, data: { tag, tag_name: tag } });
  const [change, condition] =
    type === "TAG_ADDED"
      ? [addTagStatement(db, organizationId, contactId, tag, at, MAX_TAGS), `${HAS_ROOM} AND NOT EXISTS ${HAS_TAG}`]
      : [removeTagStatement(db, organizationId, contactId, tag, at), `EXISTS ${HAS_TAG}`];
  // The event before the change: its condition is what was before.
  const results = await db.batch([
    insertEventIf(db, { ...event, receivedAt: at }, condition, organizationId, contactId, tag),
    change,
    selectContact(db, organizationId, contactId),
    selectEvent(db, organizationId, event.id),
  ]);
  const row = results[2]!.results[0];
  if (!row) return noContact(contactId);
  const changed = results[3]!.results.length > 0;
  if (changed) await world.inbox.accept(event, event.id);
  const contact = contactOf(row);
  if (type === "TAG_ADDED" && !changed && !contact.tags.includes(tag)) {
    const message = `A contact may have at most ${MAX_TAGS} tags`;
    return { outcome: "refused", code: "TOO_MANY_TAGS", message, retryable: false };
  }
  return { outcome: "ok", value: { contact: contactView(contact), changed } };
};

/** One batch of two statements; no event tells of it. What a contact may hold is attributes.ts's. */
export const updateContact = async (
  world: ChangingWorld,
  step: StepRef,
  contactId: string,
  attributes: JsonObject,
): Promise<Attempted<ContactChange>> => {
  const { organizationId } = step;
  const wanted = Object.fromEntries(Object.entries(attributes).filter(([key]) => !isForbiddenKey(key)));
  const [problem] = problemsOfAttributes(withoutNulls({}, wanted));
  if (problem) return refusedAttributes(problem.message);
  const results = await world.db.batch([
    mergeAttributes(world.db, organizationId, contactId, wanted, MAX_BYTES, world.now()),
    selectContact(world.db, organizationId, contactId),
  ]);
  const row = results[1]!.results[0];
  if (!row) return noContact(contactId);
  if (results[0]!.results.length === 0)
    return refusedAttributes(`A contact's attributes may have at most ${MAX_BYTES} bytes.`);
  return { outcome: "ok", value: { contact: contactView(contactOf(row)), changed: Object.keys(wanted).length > 0 } };
};

const refusedAttributes = (message: string): Attempted<ContactChange> => ({
  outcome: "refused",
  code: "INVALID_ATTRIBUTES",
  message,
  retryable: false,
});

/** One batch of two statements; a step writes one note, however often it is tried. */
export const addNote = async (
  world: ChangingWorld,
  step: StepRef,
  contactId: string,
  body: string,
): Promise<Attempted<{ noteId: string }>> => {
  const { organizationId, key: stepKey } = step;
  const at = world.now();
  const note = {
    organizationId,
    id: newId(at),
    contactId,
    body,
    createdBy: `execution:${step.executionId}`,
    stepKey,
    at,
  };
  const results = await world.db.batch<{ id: string }>([
    insertNote(world.db, note),
    selectNoteOfStep(world.db, organizationId, stepKey),
  ]);
  const written = results[1]!.results[0];
  return written ? { outcome: "ok", value: { noteId: written.id } } : noContact(contactId);
};

/** The event that a step causes: its id is the same at each attempt. */
export const eventOfStep = async (
  step: StepRef,
  type: string,
  at: number,
  about: Pick<StreamEvent, "contactId" | "conversationId" | "data">,
): Promise<StreamEvent> => ({
  id: await derivedId(step.startedAt, "step", step.key, type),
  organizationId: step.organizationId,
  type,
  source: `execution:${step.executionId}`,
  ...about,
  occurredAt: at,
  depth: step.eventDepth + 1,
});
