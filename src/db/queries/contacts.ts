// Contacts with the identities by which they are known, and what is noted on them. Conversations and messages have their own files.
import type { JsonObject } from "../../lib/json.ts";

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
  consentState: ConsentState | null;
  lastReceivedAt: number | null;
  createdAt: number;
  identities: Identity[];
};

const COLUMNS = `c.org_id AS organizationId, c.id, c.name, c.attributes, c.tags, c.timezone, c.consent_state AS consentState,
  c.last_received_at AS lastReceivedAt, c.created_at AS createdAt,
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

export const findContactByIdentity = async (
  db: D1Database,
  organizationId: string,
  { kind, value }: Identity,
): Promise<ContactRow | undefined> => {
  const row = await db
    .prepare(
      `SELECT ${COLUMNS} FROM identities k JOIN contacts c ON c.org_id = k.org_id AND c.id = k.contact_id
       WHERE k.org_id = ?1 AND k.kind = ?2 AND k.value = ?3`,
    )
    .bind(organizationId, kind, value)
    .first();
  return row === null ? undefined : contactOf(row);
};

/**
 * Makes the contact unless somebody has the identity already, in one transaction; the last statement answers whom it leads to, as `contactId`.
 */
export const claimIdentity = (
  db: D1Database,
  made: { organizationId: string; id: string; name: string | null; identity: Identity; at: number },
): D1PreparedStatement[] => {
  const { kind, value } = made.identity;
  return [
    db
      .prepare("INSERT OR IGNORE INTO identities (org_id, kind, value, contact_id) VALUES (?1, ?2, ?3, ?4)")
      .bind(made.organizationId, kind, value, made.id),
    db
      .prepare(
        `INSERT OR IGNORE INTO contacts (org_id, id, name, created_at, updated_at)
         SELECT ?1, ?4, ?5, ?6, ?6 FROM identities WHERE org_id = ?1 AND kind = ?2 AND value = ?3 AND contact_id = ?4`,
      )
      .bind(made.organizationId, kind, value, made.id, made.name, made.at),
    db
      .prepare("SELECT contact_id AS contactId FROM identities WHERE org_id = ?1 AND kind = ?2 AND value = ?3")
      .bind(made.organizationId, kind, value),
  ];
};

/**
 * A consent that is given earlier than what stands was said changes nothing; one that is withdrawn always counts, whatever the clocks say.
 * `onlyOptedOut` leaves everybody else as they are.
 */
export const setConsent = async (
  db: D1Database,
  of: {
    organizationId: string;
    contactId: string;
    state: ConsentState;
    source: string;
    at: number;
    onlyOptedOut: boolean;
  },
): Promise<void> => {
  await db
    .prepare(
      `UPDATE contacts SET consent_state = ?3, consent_source = ?4, consent_updated_at = max(coalesce(consent_updated_at, 0), ?5),
         updated_at = max(updated_at, ?5)
       WHERE org_id = ?1 AND id = ?2 AND (?3 IN ('OPT_OUT', 'STOP') OR coalesce(consent_updated_at, 0) <= ?5)
         AND (NOT ?6 OR consent_state IN ('OPT_OUT', 'STOP'))`,
    )
    .bind(of.organizationId, of.contactId, of.state, of.source, of.at, of.onlyOptedOut ? 1 : 0)
    .run();
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

export const addTag = (
  db: D1Database,
  organizationId: string,
  contactId: string,
  tag: string,
  at: number,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE contacts SET tags = json_insert(tags, '$[#]', ?3), updated_at = ?4
       WHERE org_id = ?1 AND id = ?2 AND NOT EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?3)`,
    )
    .bind(organizationId, contactId, tag, at);

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

/** Merges as RFC 7396 says: null removes, at any depth. */
export const mergeAttributes = (
  db: D1Database,
  organizationId: string,
  contactId: string,
  attributes: JsonObject,
  at: number,
): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE contacts SET attributes = json_patch(attributes, ?3), updated_at = ?4 WHERE org_id = ?1 AND id = ?2",
    )
    .bind(organizationId, contactId, JSON.stringify(attributes), at);

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
