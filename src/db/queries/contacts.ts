// Contacts with the identities by which they are known, and what is noted on them. Their consent, conversations and messages have their own files.
import type { JsonObject } from "../../lib/json.ts";
import { phoneVariants } from "../../lib/phone.ts";
import { FEW } from "../d1.ts";

export type IdentityKind = "phone" | "whatsapp_bsuid" | "email" | "external_id";
export type Identity = { kind: IdentityKind; value: string };
export type ConsentState = "OPT_IN" | "OPT_OUT" | "STOP";

export type ContactRow = {
  organizationId: string;
  id: string;
  name: string | null;
  attributes: JsonObject;
  tags: string[];
  timezone: string | null;
  /** Null: nobody said anything. */
  consentState: ConsentState | null;
  consentUpdatedAt: number | null;
  consentSource: string | null;
  /** Raised by each change of the state. */
  consentEpoch: number;
  /** The first of their numbers. */
  phone: string | null;
  lastReceivedAt: number | null;
  createdAt: number;
  updatedAt: number;
  identities: Identity[];
};

const COLUMNS = `c.org_id AS organizationId, c.id, c.name, c.attributes, c.tags, c.timezone, c.consent_state AS consentState,
  c.consent_updated_at AS consentUpdatedAt, c.consent_source AS consentSource, c.consent_epoch AS consentEpoch, c.phone,
  c.last_received_at AS lastReceivedAt, c.created_at AS createdAt, c.updated_at AS updatedAt,
  (SELECT json_group_array(json_object('kind', i.kind, 'value', i.value)) FROM identities i
    WHERE i.org_id = c.org_id AND i.contact_id = c.id) AS identities`;

export const contactOf = (row: unknown): ContactRow => {
  const { attributes, tags, identities, ...rest } = row as Record<"attributes" | "tags" | "identities", string> &
    Omit<ContactRow, "attributes" | "tags" | "identities">;
  return { ...rest, attributes: JSON.parse(attributes), tags: JSON.parse(tags), identities: JSON.parse(identities) };
};

export const selectContact = (db: D1Database, organizationId: string, id: string): D1PreparedStatement =>
  db.prepare(`SELECT ${COLUMNS} FROM contacts c WHERE c.org_id = ?1 AND c.id = ?2`).bind(organizationId, id);

export const findContact = async (
  db: D1Database,
  organizationId: string,
  id: string,
): Promise<ContactRow | undefined> => {
  const row = await selectContact(db, organizationId, id).first();
  return row === null ? undefined : contactOf(row);
};

/** Of several organisations at once. */
export const selectContacts = (
  db: D1Database,
  wanted: { organizationId: string; contactId: string }[],
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT ${COLUMNS} FROM json_each(?1) AS q
       CROSS JOIN contacts c ON c.org_id = q.value ->> 'organizationId' AND c.id = q.value ->> 'contactId'`,
    )
    .bind(JSON.stringify(wanted));

const BY_CONSENT: Record<ConsentState, string> = {
  OPT_IN: "AND (c.consent_state IS NULL OR c.consent_state = 'OPT_IN')",
  // The first half as it is written in the index of those who opted out.
  OPT_OUT: `AND c.consent_state IN ('OPT_OUT', 'STOP') AND likelihood(c.consent_state = 'OPT_OUT', ${FEW})`,
  STOP: `AND c.consent_state IN ('OPT_OUT', 'STOP') AND likelihood(c.consent_state = 'STOP', ${FEW})`,
};

/** `withNumber`: only those that have one. */
export type ContactFilter = { consentState?: ConsentState; withNumber?: boolean };

/** Newest first. */
export const listContacts = async (
  db: D1Database,
  organizationId: string,
  { consentState, withNumber = false }: ContactFilter,
  page: { limit: number; offset: number },
): Promise<ContactRow[]> => {
  const wanted = `${withNumber ? "AND c.phone IS NOT NULL" : ""} ${consentState ? BY_CONSENT[consentState] : ""}`;
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM contacts c WHERE c.org_id = ?1 ${wanted}
       ORDER BY c.id DESC LIMIT ?2 OFFSET ?3`,
    )
    .bind(organizationId, page.limit, page.offset)
    .all();
  return results.map(contactOf);
};

/** How many there are; three rows are read at most. */
export const countContacts = async (
  db: D1Database,
  organizationId: string,
  { consentState, withNumber = false }: ContactFilter,
): Promise<number> => {
  const row = await db
    .prepare(
      `SELECT coalesce(sum(n ${withNumber ? "" : "+ without_number"}), 0) AS total FROM contact_counts
       WHERE org_id = ?1 ${consentState ? "AND consent_state = ?2" : ""}`,
    )
    .bind(organizationId, ...(consentState ? [consentState] : []))
    .first<{ total: number }>();
  return row!.total;
};

/** The values under which an identity may be kept: a number may be written in two ways. The given one first. */
export const valuesOf = ({ kind, value }: Identity): string[] => (kind === "phone" ? phoneVariants(value) : [value]);

/** Whoever has exactly this identity wins over who has the same line written otherwise. */
const selectContactByIdentity = (db: D1Database, organizationId: string, identity: Identity): D1PreparedStatement =>
  db
    .prepare(
      `SELECT ${COLUMNS} FROM identities k JOIN contacts c ON c.org_id = k.org_id AND c.id = k.contact_id
       WHERE k.org_id = ?1 AND k.kind = ?2 AND k.value IN (SELECT value FROM json_each(?4)) ORDER BY k.value <> ?3 LIMIT 1`,
    )
    .bind(organizationId, identity.kind, identity.value, JSON.stringify(valuesOf(identity)));

export const findContactByIdentity = async (
  db: D1Database,
  organizationId: string,
  identity: Identity,
): Promise<ContactRow | undefined> => {
  const row = await selectContactByIdentity(db, organizationId, identity).first();
  return row === null ? undefined : contactOf(row);
};

/**
 * Makes the contact unless somebody has the identity already, in one transaction; the last statement answers whom it leads to, as `contactId`.
 * `suppression` is the identity's hash: who opted out and was deleted comes back opted out.
 */
export const claimIdentity = (
  db: D1Database,
  made: {
    organizationId: string;
    id: string;
    name: string | null;
    identity: Identity;
    suppression: string;
    at: number;
  },
): D1PreparedStatement[] => {
  const { kind, value } = made.identity;
  const values = JSON.stringify(valuesOf(made.identity));
  return [
    db
      .prepare(
        `INSERT OR IGNORE INTO identities (org_id, kind, value, contact_id) SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (
           SELECT 1 FROM identities WHERE org_id = ?1 AND kind = ?2 AND value IN (SELECT value FROM json_each(?5)))`,
      )
      .bind(made.organizationId, kind, value, made.id, values),
    db
      .prepare(
        `INSERT OR IGNORE INTO contacts (org_id, id, name, phone, consent_state, consent_source, consent_updated_at, created_at, updated_at)
         SELECT ?1, ?4, ?5, CASE ?2 WHEN 'phone' THEN ?3 END, s.state, CASE WHEN s.state IS NOT NULL THEN 'suppression' END, s.at, ?6, ?6
         FROM identities i LEFT JOIN suppressions s ON s.org_id = ?1 AND s.hash = ?7
         WHERE i.org_id = ?1 AND i.kind = ?2 AND i.value = ?3 AND i.contact_id = ?4`,
      )
      .bind(made.organizationId, kind, value, made.id, made.name, made.at, made.suppression),
    db
      .prepare(
        `SELECT contact_id AS contactId FROM identities
         WHERE org_id = ?1 AND kind = ?2 AND value IN (SELECT value FROM json_each(?4)) ORDER BY value <> ?3 LIMIT 1`,
      )
      .bind(made.organizationId, kind, value, values),
  ];
};

/** When people last wrote to us; the latest wins. */
export const noteReceived = (
  db: D1Database,
  received: { organizationId: string; contactId: string; at: number; name: string | null }[],
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE contacts SET last_received_at = max(coalesce(last_received_at, 0), q.at), name = coalesce(contacts.name, q.name),
         updated_at = max(updated_at, q.at)
       FROM (SELECT value ->> 'organizationId' AS org, value ->> 'contactId' AS id, max(value ->> 'at') AS at,
               max(value ->> 'name') AS name FROM json_each(?1) GROUP BY 1, 2) AS q
       WHERE contacts.org_id = q.org AND contacts.id = q.id`,
    )
    .bind(JSON.stringify(received));

/** `most`: a contact that has so many gets no further one. */
export const addTag = (
  db: D1Database,
  organizationId: string,
  contactId: string,
  tag: string,
  at: number,
  most: number,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE contacts SET tags = json_insert(tags, '$[#]', ?3), updated_at = ?4
       WHERE org_id = ?1 AND id = ?2 AND json_array_length(tags) < ?5
         AND NOT EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?3)`,
    )
    .bind(organizationId, contactId, tag, at, most);

export const removeTag = (
  db: D1Database,
  organizationId: string,
  contactId: string,
  tag: string,
  at: number,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE contacts SET tags = (SELECT json_group_array(value) FROM json_each(tags) WHERE value <> ?3), updated_at = ?4
       WHERE org_id = ?1 AND id = ?2 AND EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?3)`,
    )
    .bind(organizationId, contactId, tag, at);

/** Merges as RFC 7396 says: null removes, at any depth. Answers `id`, unless the contact would hold more than `maxBytes`, and more than it does. */
export const mergeAttributes = (
  db: D1Database,
  organizationId: string,
  contactId: string,
  attributes: JsonObject,
  maxBytes: number,
  at: number,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE contacts SET attributes = json_patch(attributes, ?3), updated_at = ?4,
         name = CASE WHEN json_type(?3, '$.name') IS NULL THEN name
                     WHEN json_type(?3, '$.name') = 'text' AND trim(?3 ->> '$.name') <> '' THEN ?3 ->> '$.name' END
       WHERE org_id = ?1 AND id = ?2
         AND octet_length(json_patch(attributes, ?3)) <= max(?5, octet_length(attributes)) RETURNING id`,
    )
    .bind(organizationId, contactId, JSON.stringify(attributes), at, maxBytes);

export const insertNote = (
  db: D1Database,
  note: {
    organizationId: string;
    id: string;
    contactId: string;
    body: string;
    createdBy: string;
    stepKey: string;
    at: number;
  },
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT OR IGNORE INTO notes (org_id, id, contact_id, body, created_by, step_key, created_at)
       SELECT org_id, ?3, id, ?4, ?5, ?6, ?7 FROM contacts WHERE org_id = ?1 AND id = ?2`,
    )
    .bind(note.organizationId, note.contactId, note.id, note.body, note.createdBy, note.stepKey, note.at);

export const selectNoteOfStep = (db: D1Database, organizationId: string, stepKey: string): D1PreparedStatement =>
  db.prepare("SELECT id FROM notes WHERE org_id = ?1 AND step_key = ?2").bind(organizationId, stepKey);
