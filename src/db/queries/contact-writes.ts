// Whole contacts as they are made, changed and taken away by callers. One statement each, for a batch; what follows from a row is the triggers'.
import { FEW } from "../d1.ts";
import type { ConsentState, Identity } from "./contacts.ts";

export const insertIdentities = (
  db: D1Database,
  organizationId: string,
  contactId: string,
  identities: readonly Identity[],
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO identities (org_id, kind, value, contact_id)
       SELECT ?1, value ->> 'kind', value ->> 'value', ?2 FROM json_each(?3)`,
    )
    .bind(organizationId, contactId, JSON.stringify(identities));

/** `suppressions`: hashes of the contact's addresses; they count when nothing is said of consent. */
export type NewContact = {
  organizationId: string;
  id: string;
  phone: string | null;
  name: string | null;
  /** As JSON. */
  attributes: string;
  facts: string;
  tags: string[];
  timezone: string | null;
  consentState: ConsentState | null;
  consentSource: string;
  consentActor: string;
  consentRequest: string;
  suppressions: string[];
  at: number;
};

export const insertContact = (db: D1Database, made: NewContact): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO contacts (org_id, id, phone, name, attributes, facts, tags, timezone, consent_state, consent_source, consent_actor,
         consent_request, consent_updated_at, created_at, updated_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, coalesce(?9, s.state), CASE WHEN ?9 IS NOT NULL THEN ?10 WHEN s.state IS NOT NULL THEN 'suppression' END,
         CASE WHEN ?9 IS NOT NULL THEN ?11 END, CASE WHEN ?9 IS NOT NULL THEN ?12 END, CASE WHEN ?9 IS NOT NULL THEN ?14 ELSE s.at END, ?14, ?14
       FROM (SELECT 1) LEFT JOIN (
         SELECT state, at FROM suppressions WHERE org_id = ?1 AND hash IN (SELECT value FROM json_each(?13)) ORDER BY at DESC LIMIT 1) AS s`,
    )
    .bind(
      made.organizationId,
      made.id,
      made.phone,
      made.name,
      made.attributes,
      made.facts,
      JSON.stringify(made.tags),
      made.timezone,
      made.consentState,
      made.consentSource,
      made.consentActor,
      made.consentRequest,
      JSON.stringify(made.suppressions),
      made.at,
    );

/** What a change was made of: it holds only while these are what is stored, as stored. */
export type Seen = { attributes: string; tags: string };

/** SQL over ?1 (organisation), ?2 (contact), ?3 and ?4 (what was seen). */
const UNCHANGED = "EXISTS (SELECT 1 FROM contacts WHERE org_id = ?1 AND id = ?2 AND attributes = ?3 AND tags = ?4)";

export const replaceIdentity = (
  db: D1Database,
  organizationId: string,
  contactId: string,
  seen: Seen,
  { kind, value }: { kind: Identity["kind"]; value: string | null },
): D1PreparedStatement[] => {
  const known = [organizationId, contactId, seen.attributes, seen.tags] as const;
  return [
    db
      .prepare(`DELETE FROM identities WHERE org_id = ?1 AND contact_id = ?2 AND kind = ?5 AND ${UNCHANGED}`)
      .bind(...known, kind),
    ...(value === null
      ? []
      : [
          db
            .prepare(
              `INSERT INTO identities (org_id, kind, value, contact_id) SELECT ?1, ?5, ?6, ?2 WHERE ${UNCHANGED}`,
            )
            .bind(...known, kind, value),
        ]),
  ];
};

/** Answers `id` when nothing had changed meanwhile. */
export const updateContact = (
  db: D1Database,
  organizationId: string,
  contactId: string,
  seen: Seen,
  to: { name: string | null; attributes: string; facts: string; tags: string[]; timezone: string | null; at: number },
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE contacts SET name = ?5, attributes = ?6, facts = ?7, unsettled = NULL, tags = ?8, timezone = ?9, updated_at = max(updated_at, ?10)
       WHERE org_id = ?1 AND id = ?2 AND attributes = ?3 AND tags = ?4 RETURNING id`,
    )
    .bind(
      organizationId,
      contactId,
      seen.attributes,
      seen.tags,
      to.name,
      to.attributes,
      to.facts,
      JSON.stringify(to.tags),
      to.timezone,
      to.at,
    );

/** The contact and what is kept of them alone. Messages, conversations and events are history; they go by the organisation's retention. */
export const deleteContact = (db: D1Database, organizationId: string, contactId: string): D1PreparedStatement[] =>
  [
    "identities WHERE org_id = ?1 AND contact_id = ?2",
    `notes WHERE org_id = ?1 AND likelihood(contact_id = ?2, ${FEW})`,
    "contacts WHERE org_id = ?1 AND id = ?2",
  ].map((what) => db.prepare(`DELETE FROM ${what}`).bind(organizationId, contactId));
