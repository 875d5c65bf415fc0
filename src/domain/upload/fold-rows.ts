// What rows of a file come to, one after another, given what is there: whom each makes or changes, and which cannot land. Pure.
import type { ConsentState, Identity } from "../../db/queries/contacts.ts";
import { valuesOf } from "../../db/queries/contacts.ts";
import type { ChangedContact, KnownContact, Owner, Suppression, UploadedContact } from "../../db/queries/uploads.ts";
import type { JsonObject } from "../../lib/json.ts";
import { mergeAttributes, problemsOfAttributes } from "../contact/attributes.ts";
import { distinct, MAX_TAGS, nameAfter } from "../contact/contact-input.ts";
import type { HeldIdentity } from "../contact/suppression.ts";
import { factsText } from "../segment/facts.ts";
import type { UploadedRow } from "./columns.ts";
import type { RowProblem, UploadPlan } from "./upload.ts";

export type Folded = {
  made: UploadedContact[];
  changed: ChangedContact[];
  identities: { contactId: string; kind: Identity["kind"]; value: string | null }[];
  /** Mail addresses that contacts lose; and that they get, where the file says nothing of their consent. */
  lost: HeldIdentity[];
  given: HeldIdentity[];
  /** Of contacts that were there. */
  consents: { contactId: string; state: ConsentState }[];
  /** Tags that contacts did not have; and all that were given to contacts that were there. */
  tags: { contactId: string; tag: string }[];
  offered: { contactId: string; tag: string }[];
  /** Contacts that these rows made, now or before a crash. */
  created: { row: number; id: string; phone: string }[];
  updated: number;
  problems: RowProblem[];
};

type Working = {
  id: string;
  phone: string;
  /** Null: it is new. */
  stored: KnownContact | null;
  name: string | null;
  attributes: JsonObject;
  tags: string[];
  timezone: string | null;
  consent?: ConsentState;
};

type Known = {
  known: readonly KnownContact[];
  owners: readonly Owner[];
  suppressions: ReadonlyMap<string, Suppression>;
  hashOf: (phone: string) => string | undefined;
};

const keyOf = ({ kind, value }: Identity): string => `${kind}:${value}`;

export class Folding {
  readonly #plan: UploadPlan;
  readonly #given: Known;
  readonly #stored: Map<string, KnownContact>;
  readonly #owners: Map<string, string>;
  readonly #working = new Map<string, Working>();
  readonly #identities = new Map<string, Folded["identities"][number]>();
  readonly #tags: Folded["tags"] = [];
  readonly #offered: Folded["offered"] = [];
  readonly #created: Folded["created"] = [];
  readonly #problems: RowProblem[] = [];
  #updated = 0;

  constructor(plan: UploadPlan, given: Known) {
    this.#plan = plan;
    this.#given = given;
    this.#stored = new Map(given.known.map((one) => [one.phone, one]));
    this.#owners = new Map(given.owners.map((one) => [keyOf(one), one.contactId]));
  }

  /** `id`: of the contact that this row would make. */
  add(row: number, given: UploadedRow, id: string): void {
    const before = this.#find(given.phone);
    const contact: Working = before ?? {
      id,
      phone: given.phone,
      stored: null,
      name: null,
      attributes: {},
      tags: [],
      timezone: null,
    };
    const attributes = mergeAttributes(contact.attributes, given.attributes ?? {});
    const problems = problemsOfAttributes(attributes);
    const wanted = this.#wanted(contact.id, given);
    const taken = wanted.filter(
      (one) => one.value !== null && (this.#owners.get(keyOf(one as Identity)) ?? contact.id) !== contact.id,
    );
    for (const { kind } of taken) problems.push({ field: kind, message: "Is another user's." });
    const added = distinct(given.tags ?? []).filter((tag) => !contact.tags.includes(tag));
    if (contact.tags.length + added.length > MAX_TAGS)
      problems.push({ field: "tags", message: `At most ${MAX_TAGS} tags.` });
    if (problems.length > 0) {
      this.#problems.push(...problems.map(({ field, message }) => ({ row, field, message })));
      return;
    }
    contact.attributes = attributes;
    contact.name = nameAfter(contact.name, given.attributes ?? {});
    contact.tags = [...contact.tags, ...added];
    if (given.timezone !== undefined) contact.timezone = given.timezone;
    if (given.consentState !== undefined) contact.consent = given.consentState;
    for (const one of wanted) {
      this.#identities.set(`${contact.id}:${one.kind}`, one);
      if (one.value !== null) this.#owners.set(keyOf(one as Identity), contact.id);
    }
    for (const value of valuesOf({ kind: "phone", value: given.phone })) this.#working.set(value, contact);
    // The row that makes a contact tells of it; made before a crash, it is there already under the id that only this row gives.
    if (contact.id === id) {
      this.#created.push({ row, id, phone: contact.phone });
      return;
    }
    this.#updated++;
    this.#tags.push(...added.map((tag) => ({ contactId: contact.id, tag })));
    this.#offered.push(...distinct(given.tags ?? []).map((tag) => ({ contactId: contact.id, tag })));
  }

  get folded(): Folded {
    const all = [...new Set(this.#working.values())];
    const fresh = all.filter(({ stored }) => stored === null);
    const there = all.filter(({ stored }) => stored !== null);
    return {
      made: fresh.map((contact) => this.#made(contact)),
      changed: there.map(changedOf).filter((one) => one !== undefined),
      identities: [...this.#identities.values()],
      ...this.#moved(all),
      consents: there.flatMap(({ id, consent }) => (consent === undefined ? [] : [{ contactId: id, state: consent }])),
      tags: this.#tags,
      offered: this.#offered,
      created: this.#created,
      updated: this.#updated,
      problems: this.#problems,
    };
  }

  #moved(all: readonly Working[]): Pick<Folded, "lost" | "given"> {
    const emails = all.flatMap((contact) => {
      const email = this.#identities.get(`${contact.id}:email`);
      return email ? [{ contact, value: email.value }] : [];
    });
    const held = ({ id }: Working, value: string | null): HeldIdentity[] =>
      value === null ? [] : [{ contactId: id, kind: "email", value }];
    return {
      lost: emails.flatMap(({ contact }) => held(contact, contact.stored?.email ?? null)),
      given: emails.flatMap(({ contact, value }) => (contact.consent === undefined ? held(contact, value) : [])),
    };
  }

  #find(phone: string): Working | undefined {
    for (const value of valuesOf({ kind: "phone", value: phone })) {
      const working = this.#working.get(value);
      if (working) return working;
    }
    for (const value of valuesOf({ kind: "phone", value: phone })) {
      const stored = this.#stored.get(value);
      if (!stored) continue;
      return {
        id: stored.id,
        phone: stored.phone,
        stored,
        name: stored.name,
        attributes: JSON.parse(stored.attributes) as JsonObject,
        tags: JSON.parse(stored.tags) as string[],
        timezone: stored.timezone,
      };
    }
    return undefined;
  }

  /** The identities that the row gives or takes away, and that are not so already. */
  #wanted(contactId: string, { email, externalId }: UploadedRow): Folded["identities"] {
    const wanted: Folded["identities"] = [];
    if (email !== undefined)
      wanted.push({ contactId, kind: "email", value: email === null ? null : email.toLowerCase() });
    if (externalId !== undefined) wanted.push({ contactId, kind: "external_id", value: externalId });
    return wanted.filter((one) => one.value === null || this.#owners.get(keyOf(one as Identity)) !== contactId);
  }

  #made({ id, phone, name, attributes, tags, timezone, consent }: Working): UploadedContact {
    const { actor, requestId, createdAt, uploadId } = this.#plan;
    const suppression = this.#given.suppressions.get(this.#given.hashOf(phone) ?? "");
    return {
      id,
      phone,
      name,
      attributes: JSON.stringify(attributes),
      facts: factsText(attributes),
      tags: JSON.stringify(tags),
      timezone,
      consent: consent
        ? { state: consent, source: `upload:${uploadId}`, actor, requestId, at: createdAt }
        : suppression
          ? { state: suppression.state, source: "suppression", actor: null, requestId: null, at: suppression.at }
          : null,
    };
  }
}

/** Undefined when nothing is to be written. */
const changedOf = ({ id, stored, name, attributes, tags, timezone }: Working): ChangedContact | undefined => {
  const next = { name, attributes: JSON.stringify(attributes), tags: JSON.stringify(tags), timezone };
  const { unsettled } = stored!;
  const isSame =
    unsettled === null &&
    next.name === stored!.name &&
    next.attributes === stored!.attributes &&
    next.tags === stored!.tags &&
    next.timezone === stored!.timezone;
  if (isSame) return undefined;
  return { id, ...next, facts: factsText(attributes), seenAttributes: stored!.attributes, seenTags: stored!.tags };
};
