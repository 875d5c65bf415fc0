// A change of a contact, whoever wants it: made of what was read, and only while that still stands, so that two at once lose nothing of each other's.
// The events that tell of it are written in its own transaction.
import { isUniqueViolation } from "../../db/d1.ts";
import { replaceIdentity, type Seen, updateContact as updateStatement } from "../../db/queries/contact-writes.ts";
import { type ContactRow, contactOf, type Identity, selectContact, valuesOf } from "../../db/queries/contacts.ts";
import { insertUntoldIf } from "../../db/queries/untold-events.ts";
import type { JsonObject } from "../../lib/json.ts";
import { DomainError, notFound } from "../errors.ts";
import { tellUntold } from "../event/tell-untold.ts";
import type { StreamEvent } from "../event.ts";
import type { Ports } from "../ports.ts";
import { factsText } from "../segment/facts.ts";
import { mergeAttributes, problemsOfAttributes } from "./attributes.ts";
import { type ContactChange, distinct, nameAfter, refuseProblems } from "./contact-input.ts";
import { refuseTaken } from "./create-contact.ts";
import { suppressMoved } from "./suppression.ts";

/** Somebody else may be faster so often. */
const TRIES = 8;

type World = Pick<Ports, "db" | "inbox" | "contacts" | "now">;
type Whose = { organizationId: string; id: string };

export type By = {
  eventOf: (type: "TAG_ADDED" | "TAG_REMOVED", at: number, data: JsonObject) => Promise<StreamEvent>;
  /** Further statements of the same batch. */
  alongside: (at: number) => D1PreparedStatement[];
};

export type Applied = { contact: ContactRow; changed: boolean };

/**
 * `change` was judged before. Throws `not_found`, `conflict` for an address or id that is somebody else's, `invalid_input` for attributes that are
 * too many.
 */
export const applyChange = async (world: World, whose: Whose, change: ContactChange, by: By): Promise<Applied> => {
  for (let tries = 0; tries < TRIES; tries++) {
    const applied = await attempt(world, whose, change, by);
    if (applied) return applied;
  }
  throw new DomainError("unavailable", "Somebody else is changing the contact; try again", { retryAfterSeconds: 1 });
};

/** Undefined when somebody was faster. */
const attempt = async (
  world: World,
  { organizationId, id }: Whose,
  change: ContactChange,
  by: By,
): Promise<Applied | undefined> => {
  const { db } = world;
  const raw = await selectContact(db, organizationId, id).first<{ attributes: string; tags: string }>();
  if (!raw) throw notFound("contact");
  const seen: Seen = { attributes: raw.attributes, tags: raw.tags };
  const before = contactOf(raw);
  const attributes = change.attributes ? mergeAttributes(before.attributes, change.attributes) : before.attributes;
  if (change.attributes) refuseProblems(problemsOfAttributes(attributes));
  const after = {
    name: nameAfter(before.name, change.attributes ?? {}),
    attributes: change.attributes ? JSON.stringify(attributes) : seen.attributes,
    tags: change.tags ? distinct(change.tags) : before.tags,
    timezone: change.timezone === undefined ? before.timezone : change.timezone,
  };
  const identities = changedIdentities(before, change);
  const given = identities.flatMap(({ kind, value }) => (value === null ? [] : [{ kind, value }]));
  await refuseTaken(db, organizationId, given, id);
  const at = world.now();
  const lost = before.identities.filter(({ kind }) => identities.some((one) => one.kind === kind));
  const held = (some: readonly Identity[]) => some.map((identity) => ({ ...identity, contactId: id }));
  const moved = await suppressMoved(db, organizationId, {
    lost: held(lost),
    given: change.consentState === undefined ? held(given) : [],
    at,
  });
  const events = await eventsOf(before.tags, after.tags, at, by);
  const untold = events.map((event) => ({
    organizationId,
    id: event.id,
    event: event,
    dedupeKey: event.id,
  }));
  // Who receives what comes from a number looks anew whose it is, whatever becomes of this process.
  await forget(world, organizationId, [...lost, ...given]);
  const results = await db
    .batch([
      ...identities.flatMap((identity) => replaceIdentity(db, organizationId, id, seen, identity)),
      ...moved,
      ...by.alongside(at),
      updateStatement(db, organizationId, id, seen, { ...after, facts: factsText(attributes), at }),
      // Of the statement right before: the contact was as it had been read.
      insertUntoldIf(db, untold, at, "changes() > 0"),
      selectContact(db, organizationId, id),
    ])
    .catch(async (error: unknown) => {
      if (isUniqueViolation(error)) await refuseTaken(db, organizationId, given, id);
      throw error;
    });
  if (results.at(-3)!.results.length === 0) return undefined;
  await forget(world, organizationId, [...lost, ...given]);
  if (untold.length > 0) await tellUntold(world, untold);
  const changed =
    identities.length > 0 ||
    events.length > 0 ||
    after.attributes !== seen.attributes ||
    after.timezone !== before.timezone;
  return { contact: contactOf(results.at(-1)!.results[0]), changed };
};

const forget = async ({ contacts }: World, organizationId: string, identities: readonly Identity[]): Promise<void> => {
  for (const identity of identities.filter(({ kind }) => kind === "phone"))
    for (const value of valuesOf(identity)) await contacts.forget(organizationId, { kind: "phone", value });
};

/** Those that are to be another, or none. */
const changedIdentities = (
  before: ContactRow,
  { phone, email, externalId }: ContactChange,
): { kind: Identity["kind"]; value: string | null }[] => {
  const wanted: { kind: Identity["kind"]; value: string | null | undefined }[] = [
    { kind: "phone", value: phone },
    { kind: "email", value: email?.toLowerCase() ?? email },
    { kind: "external_id", value: externalId },
  ];
  return wanted.flatMap(({ kind, value }) => {
    const has = before.identities.filter((one) => one.kind === kind).map((one) => one.value);
    const isSame = value === null ? has.length === 0 : has.length === 1 && has[0] === value;
    return value === undefined || isSame ? [] : [{ kind, value }];
  });
};

const eventsOf = (
  before: readonly string[],
  after: readonly string[],
  at: number,
  { eventOf }: By,
): Promise<StreamEvent[]> => {
  const about = (tag: string): JsonObject => ({ tag, tag_name: tag });
  return Promise.all([
    ...after.filter((tag) => !before.includes(tag)).map((tag) => eventOf("TAG_ADDED", at, about(tag))),
    ...before.filter((tag) => !after.includes(tag)).map((tag) => eventOf("TAG_REMOVED", at, about(tag))),
  ]);
};
