// A person as somebody else's system knows them: found by that system's id, made when nobody has it, and brought up to date with what it says of
// them.
import {
  type ContactRow,
  claimIdentity,
  contactOf,
  findContactByIdentity,
  type Identity,
  selectContact,
} from "../../db/queries/contacts.ts";
import { linkIdentities } from "../../db/queries/identities.ts";
import { insertUntoldIf } from "../../db/queries/untold-events.ts";
import { defined } from "../../lib/defined.ts";
import { newId } from "../../lib/ids.ts";
import { canonicalJson, type JsonObject } from "../../lib/json.ts";
import type { Context } from "../context.ts";
import { invalid } from "../errors.ts";
import { tellUntold } from "../event/tell-untold.ts";
import { mergeAttributes } from "./attributes.ts";
import { type ContactChange, distinct, phoneProblem, problemsOf, refuseProblems } from "./contact-input.ts";
import { findContactId } from "./find-contact-id.ts";
import { suppressionHash } from "./suppression.ts";
import { updateContact } from "./update-contact.ts";
import { userCreated } from "./user-created.ts";

export type Profile = {
  /** The caller's own id of them. */
  externalId?: string;
  phone?: string;
  email?: string;
  timezone?: string;
  /** They have these as well; none is taken away. */
  tags?: string[];
  /** Merged; null removes one. */
  attributes: JsonObject;
};

/**
 * The one who has the first of these that anybody has: the id, the number, the address (unless they have another id). Undefined for a profile
 * that names nobody.
 */
export const upsertContact = async (context: Context, profile: Profile): Promise<string | undefined> => {
  const { externalId, phone, email, timezone, tags } = profile;
  refuseProblems([
    ...(phone === undefined ? [] : [phoneProblem(phone) ?? []].flat()),
    ...problemsOf(defined({ externalId, email, timezone, tags })),
  ]);
  const identities: Identity[] = [
    ...(externalId === undefined ? [] : [{ kind: "external_id" as const, value: externalId }]),
    ...(phone === undefined ? [] : [{ kind: "phone" as const, value: phone }]),
    ...(email === undefined ? [] : [{ kind: "email" as const, value: email.toLowerCase() }]),
  ];
  const [first] = identities;
  if (!first) return undefined;
  const id = (await findFirst(context, identities)) ?? (await make(context, first));
  const before = await read(context, id);
  const { organizationId } = context.principal;
  const { db } = context.ports;
  const missing = identities.filter(
    ({ kind }) => kind !== "email" && !before.identities.some((one) => one.kind === kind),
  );
  if (missing.length > 0) await linkIdentities(db, organizationId, id, missing).run();
  const change = changeOf(before, await withoutTaken(context, id, before, profile));
  if (Object.keys(change).length > 0) await updateContact(context, id, change);
  return id;
};

/** An address that somebody else has stays theirs, as a number does; here it is an attribute then, which `contact.email` shows. */
const withoutTaken = async (
  { ports, principal }: Context,
  id: string,
  before: ContactRow,
  profile: Profile,
): Promise<Profile> => {
  const { email, ...others } = profile;
  if (email === undefined || hasEmail(before, email)) return profile;
  const identity: Identity = { kind: "email", value: email.toLowerCase() };
  const holder = await findContactByIdentity(ports.db, principal.organizationId, identity);
  if (holder === undefined || holder.id === id) return profile;
  return { ...others, attributes: { ...profile.attributes, email } };
};

const hasEmail = ({ identities }: ContactRow, email: string): boolean =>
  identities.some(({ kind, value }) => kind === "email" && value === email.toLowerCase());

const findFirst = async (
  { ports, principal }: Context,
  identities: readonly Identity[],
): Promise<string | undefined> => {
  const { organizationId } = principal;
  // Households share an address: whoever is known by another id than this one is somebody else.
  const isNamed = identities.some(({ kind }) => kind === "external_id");
  for (const identity of identities) {
    if (identity.kind === "external_id") {
      const id = await findContactId(ports.db, organizationId, identity.value);
      if (id !== undefined) return id;
      continue;
    }
    const found = await findContactByIdentity(ports.db, organizationId, identity);
    if (found && !(identity.kind === "email" && isNamed && hasId(found))) return found.id;
  }
  return undefined;
};

const hasId = ({ identities }: ContactRow): boolean => identities.some(({ kind }) => kind === "external_id");

/** Two callers at once make one. */
const make = async ({ ports, principal }: Context, identity: Identity): Promise<string> => {
  const { db } = ports;
  const { organizationId } = principal;
  const at = ports.now();
  const candidateId = newId(at);
  const event = userCreated(
    { organizationId, source: "api", contactId: candidateId, occurredAt: at, depth: 0 },
    identity,
  );
  const untold = {
    organizationId,
    id: event.id,
    event: event,
    dedupeKey: `contact.created:${candidateId}`,
    contactId: candidateId,
  };
  const isMade = `EXISTS (SELECT 1 FROM contacts c WHERE c.org_id = q.value ->> 'organizationId' AND c.id = q.value ->> 'contactId')`;
  const suppression = await suppressionHash(organizationId, identity);
  const [insertIt, insertContact, select] = claimIdentity(db, {
    organizationId,
    id: candidateId,
    name: null,
    identity,
    suppression,
    at,
  });
  const results = await db.batch([insertIt!, insertContact!, insertUntoldIf(db, [untold], at, isMade), select!]);
  if (results[2]!.results.length > 0) await tellUntold(ports, [untold]);
  return (results[3]!.results[0] as { contactId: string }).contactId;
};

const read = async ({ ports, principal }: Context, id: string): Promise<ContactRow> => {
  const row = await selectContact(ports.db, principal.organizationId, id).first();
  if (!row) throw invalid("user_id", "The contact is being deleted.");
  return contactOf(row);
};

/** What would be another after it, and nothing else: an event that says what is known writes nothing. */
const changeOf = (before: ContactRow, { email, timezone, tags = [], attributes }: Profile): ContactChange => {
  const merged = mergeAttributes(before.attributes, attributes);
  const all = distinct([...before.tags, ...tags]);
  return {
    ...(canonicalJson(merged) === canonicalJson(before.attributes) ? {} : { attributes }),
    ...(all.length === before.tags.length ? {} : { tags: all }),
    ...(email === undefined || hasEmail(before, email) ? {} : { email }),
    ...(timezone === undefined || timezone === before.timezone ? {} : { timezone }),
  };
};
