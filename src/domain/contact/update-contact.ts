// Changes to a contact by a caller: attributes are merged, tags replaced, consent set with its source. Made of what was read, and only while that
// still stands: two callers at once lose nothing of each other's.
import { isUniqueViolation } from "../../db/d1.ts";
import { setConsent } from "../../db/queries/consent.ts";
import {
  ifUnchanged,
  replaceIdentity,
  type Seen,
  updateContact as updateStatement,
} from "../../db/queries/contact-writes.ts";
import { type ContactRow, contactOf, type Identity, selectContact } from "../../db/queries/contacts.ts";
import { insertEventIf } from "../../db/queries/events.ts";
import { newId } from "../../lib/ids.ts";
import { actorOf, auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError, notFound } from "../errors.ts";
import type { StreamEvent } from "../event.ts";
import { authorizeRole } from "../permission.ts";
import { factsText } from "../segment/facts.ts";
import { mergeAttributes, problemsOfAttributes } from "./attributes.ts";
import { type ContactChange, distinct, nameAfter, problemsOf, refuseProblems } from "./contact-input.ts";
import { refuseTaken } from "./create-contact.ts";
import { suppressMoved } from "./suppression.ts";

/** Somebody else may be faster so often. */
const TRIES = 8;

/** Throws `conflict` when the email or the outside id is somebody else's. */
export const updateContact = async (context: Context, id: string, change: ContactChange): Promise<ContactRow> => {
  authorizeRole(context.principal, "editor", "write");
  refuseProblems(problemsOf(change));
  for (let tries = 0; tries < TRIES; tries++) {
    const changed = await attempt(context, id, change);
    if (changed) return changed;
  }
  throw new DomainError("unavailable", "The contact is being changed by others; try again", { retryAfterSeconds: 1 });
};

/** Undefined when somebody was faster. */
const attempt = async (context: Context, id: string, change: ContactChange): Promise<ContactRow | undefined> => {
  const { ports, principal, requestId } = context;
  const { db } = ports;
  const { organizationId } = principal;
  const raw = await selectContact(db, organizationId, id).first<{ attributes: string; tags: string }>();
  if (!raw) throw notFound("contact");
  const seen: Seen = { attributes: raw.attributes, tags: raw.tags };
  const before = contactOf(raw);
  const attributes = change.attributes ? mergeAttributes(before.attributes, change.attributes) : before.attributes;
  if (change.attributes) refuseProblems(problemsOfAttributes(attributes));
  const tags = change.tags ? distinct(change.tags) : before.tags;
  const identities = changedIdentities(before, change);
  const given = identities.flatMap(({ kind, value }) => (value === null ? [] : [{ kind, value }]));
  await refuseTaken(context, given, id);
  const at = ports.now();
  const held = (some: readonly Identity[]) => some.map((identity) => ({ ...identity, contactId: id }));
  const moved = await suppressMoved(db, organizationId, {
    lost: held(before.identities.filter(({ kind }) => identities.some((one) => one.kind === kind))),
    given: change.consentState === undefined ? held(given) : [],
    at,
  });
  const events = tagEvents(before, tags, at);
  const { condition, values } = ifUnchanged(organizationId, id, seen);
  const update = updateStatement(db, organizationId, id, seen, {
    name: nameAfter(before.name, change.attributes ?? {}),
    attributes: change.attributes ? JSON.stringify(attributes) : seen.attributes,
    facts: factsText(attributes),
    tags,
    timezone: change.timezone === undefined ? before.timezone : change.timezone,
    at,
  });
  const audit = auditStatement(context, {
    action: "contact.updated",
    targetType: "contact",
    targetId: id,
    details: { fields: Object.keys(change) },
  });
  const statements = [
    ...events.map((event) => insertEventIf(db, { ...event, receivedAt: at }, condition, ...values)),
    ...identities.flatMap((identity) => replaceIdentity(db, organizationId, id, seen, identity)),
    ...(change.consentState === undefined
      ? []
      : [
          setConsent(db, {
            organizationId,
            contactId: id,
            state: change.consentState,
            source: "api",
            actor: actorOf(principal),
            requestId,
            at,
            onlyOptedOut: false,
          }),
        ]),
    ...moved,
    audit,
    update,
    selectContact(db, organizationId, id),
  ];
  const results = await db.batch(statements).catch(async (error: unknown) => {
    if (isUniqueViolation(error)) await refuseTaken(context, given, id);
    throw error;
  });
  if (results.at(-2)!.results.length === 0) return undefined;
  for (const event of events) await ports.inbox.accept(event, event.id);
  return contactOf(results.at(-1)!.results[0]);
};

/** Those that are to be another, or none. */
const changedIdentities = (
  before: ContactRow,
  change: ContactChange,
): { kind: Identity["kind"]; value: string | null }[] => {
  const wanted: { kind: Identity["kind"]; value: string | null | undefined }[] = [
    { kind: "email", value: change.email?.toLowerCase() ?? change.email },
    { kind: "external_id", value: change.externalId },
  ];
  return wanted.flatMap(({ kind, value }) => {
    const has = before.identities.filter((one) => one.kind === kind).map((one) => one.value);
    const isSame = value === null ? has.length === 0 : has.length === 1 && has[0] === value;
    return value === undefined || isSame ? [] : [{ kind, value }];
  });
};

const tagEvents = (before: ContactRow, tags: readonly string[], at: number): StreamEvent[] => {
  const event = (type: string, tag: string): StreamEvent => ({
    id: newId(at),
    organizationId: before.organizationId,
    type,
    source: "api",
    contactId: before.id,
    data: { tag, tag_name: tag },
    occurredAt: at,
    depth: 0,
  });
  return [
    ...tags.filter((tag) => !before.tags.includes(tag)).map((tag) => event("TAG_ADDED", tag)),
    ...before.tags.filter((tag) => !tags.includes(tag)).map((tag) => event("TAG_REMOVED", tag)),
  ];
};
