// Many contacts at once, as files bring them: what is there of them, and all that changes, a statement a kind. Values of one statement hold 2 MB:
// the caller splits.
import type { ConsentState, Identity } from "./contacts.ts";

/** `attributes` and `tags` as stored, so that they can be compared. */
export type KnownContact = {
  phone: string;
  id: string;
  name: string | null;
  attributes: string;
  tags: string;
  timezone: string | null;
  unsettled: number | null;
  email: string | null;
};

/** Contacts with any of these numbers, exactly as written. */
export const selectKnown = (db: D1Database, organizationId: string, phones: readonly string[]): D1PreparedStatement =>
  db
    .prepare(
      `SELECT k.value AS phone, c.id, c.name, c.attributes, c.tags, c.timezone, c.unsettled,
         (SELECT min(e.value) FROM identities e WHERE e.org_id = ?1 AND e.contact_id = c.id AND e.kind = 'email') AS email
       FROM json_each(?2) AS q
       CROSS JOIN identities k ON k.org_id = ?1 AND k.kind = 'phone' AND k.value = q.value
       CROSS JOIN contacts c ON c.org_id = ?1 AND c.id = k.contact_id`,
    )
    .bind(organizationId, JSON.stringify(phones));

export type Owner = Identity & { contactId: string };

export const selectOwners = (
  db: D1Database,
  organizationId: string,
  identities: readonly Identity[],
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT k.kind, k.value, k.contact_id AS contactId FROM json_each(?2) AS q
       CROSS JOIN identities k ON k.org_id = ?1 AND k.kind = q.value ->> 'kind' AND k.value = q.value ->> 'value'`,
    )
    .bind(organizationId, JSON.stringify(identities));

export type Suppression = { hash: string; state: "OPT_OUT" | "STOP"; at: number };

export const selectSuppressions = (
  db: D1Database,
  organizationId: string,
  hashes: readonly string[],
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT s.hash, s.state, s.at FROM json_each(?2) AS q CROSS JOIN suppressions s ON s.org_id = ?1 AND s.hash = q.value`,
    )
    .bind(organizationId, JSON.stringify(hashes));

export type UploadedContact = {
  id: string;
  phone: string;
  name: string | null;
  /** As JSON, and so are facts and tags. */
  attributes: string;
  facts: string;
  tags: string;
  timezone: string | null;
  consent: {
    state: ConsentState;
    source: string;
    actor: string | null;
    requestId: string | null;
    at: number;
  } | null;
};

/** Two statements; the second answers, as `id`, whoever is there with that id and number now. */
export const insertUploaded = (
  db: D1Database,
  organizationId: string,
  made: readonly UploadedContact[],
  at: number,
): [D1PreparedStatement, D1PreparedStatement] => {
  const values = JSON.stringify(made);
  return [
    db
      .prepare(
        `INSERT OR IGNORE INTO identities (org_id, kind, value, contact_id)
         SELECT ?1, 'phone', value ->> 'phone', value ->> 'id' FROM json_each(?2)`,
      )
      .bind(organizationId, values),
    db
      .prepare(
        `INSERT INTO contacts (org_id, id, phone, name, attributes, facts, tags, timezone, consent_state, consent_epoch,
           consent_source, consent_actor, consent_request, consent_updated_at, created_at, updated_at)
         SELECT ?1, q.value ->> 'id', q.value ->> 'phone', q.value ->> 'name', q.value ->> 'attributes', q.value ->> 'facts', q.value ->> 'tags',
           q.value ->> 'timezone', q.value ->> '$.consent.state', q.value ->> '$.consent.state' IS NOT NULL, q.value ->> '$.consent.source', q.value ->> '$.consent.actor',
           q.value ->> '$.consent.requestId', q.value ->> '$.consent.at', ?3, ?3
         FROM json_each(?2) AS q
         CROSS JOIN identities k ON k.org_id = ?1 AND k.kind = 'phone' AND k.value = q.value ->> 'phone' AND k.contact_id = q.value ->> 'id'
         WHERE true
         ON CONFLICT DO UPDATE SET updated_at = contacts.updated_at RETURNING id`,
      )
      .bind(organizationId, values, at),
  ];
};

export type ChangedContact = Pick<UploadedContact, "id" | "name" | "attributes" | "facts" | "tags" | "timezone"> & {
  seenAttributes: string;
  seenTags: string;
};

/** Answers, as `id`, those that were still as they had been seen. */
export const updateUploaded = (
  db: D1Database,
  organizationId: string,
  changed: readonly ChangedContact[],
  at: number,
): D1PreparedStatement =>
  db
    .prepare(
      // Materialized, or SQLite would look through the whole organisation for each.
      `WITH q AS MATERIALIZED (
         SELECT value ->> 'id' AS id, value ->> 'name' AS name, value ->> 'attributes' AS attributes, value ->> 'facts' AS facts,
           value ->> 'tags' AS tags, value ->> 'timezone' AS timezone, value ->> 'seenAttributes' AS seen_attributes,
           value ->> 'seenTags' AS seen_tags FROM json_each(?2))
       UPDATE contacts SET name = q.name, attributes = q.attributes, facts = q.facts, unsettled = NULL, tags = q.tags, timezone = q.timezone,
         updated_at = max(updated_at, ?3)
       FROM q WHERE contacts.org_id = ?1 AND contacts.id = q.id AND contacts.attributes = q.seen_attributes
         AND contacts.tags = q.seen_tags RETURNING contacts.id`,
    )
    .bind(organizationId, JSON.stringify(changed), at);

/** Each kind is replaced for its contact; a value that is null leaves none. */
export const replaceIdentities = (
  db: D1Database,
  organizationId: string,
  replaced: readonly { contactId: string; kind: Identity["kind"]; value: string | null }[],
): D1PreparedStatement[] => {
  const values = JSON.stringify(replaced);
  return [
    db
      .prepare(
        `DELETE FROM identities WHERE org_id = ?1 AND (contact_id, kind) IN (
           SELECT value ->> 'contactId', value ->> 'kind' FROM json_each(?2))`,
      )
      .bind(organizationId, values),
    db
      .prepare(
        `INSERT OR IGNORE INTO identities (org_id, kind, value, contact_id)
         SELECT ?1, value ->> 'kind', value ->> 'value', value ->> 'contactId' FROM json_each(?2) WHERE value ->> 'value' IS NOT NULL`,
      )
      .bind(organizationId, values),
  ];
};

/** As setConsent says it (consent.ts), for many: what is given earlier than what stands was said changes nothing. */
export const setConsents = (
  db: D1Database,
  organizationId: string,
  said: readonly { contactId: string; state: ConsentState }[],
  by: { source: string; actor: string; requestId: string; at: number },
): D1PreparedStatement =>
  db
    .prepare(
      `WITH q AS MATERIALIZED (SELECT value ->> 'contactId' AS id, value ->> 'state' AS state FROM json_each(?2))
       UPDATE contacts SET consent_state = q.state, consent_source = ?3, consent_actor = ?4, consent_request = ?5,
         consent_updated_at = max(coalesce(consent_updated_at, 0), ?6), updated_at = max(updated_at, ?6)
       FROM q WHERE contacts.org_id = ?1 AND contacts.id = q.id
         AND (q.state IN ('OPT_OUT', 'STOP') OR coalesce(contacts.consent_updated_at, 0) <= ?6)`,
    )
    .bind(organizationId, JSON.stringify(said), by.source, by.actor, by.requestId, by.at);

/** Those among `ids` that the event log has, as `id`. */
export const selectLogged = (db: D1Database, organizationId: string, ids: readonly string[]): D1PreparedStatement =>
  db
    .prepare("SELECT e.id FROM json_each(?2) AS q CROSS JOIN events e ON e.org_id = ?1 AND e.id = q.value")
    .bind(organizationId, JSON.stringify(ids));
