// Consent of contacts: how it changes, what it was, and what is left of it when a contact is gone. Epoch and history follow by triggers.
import type { consentHistory } from "../schema.ts";
import type { ConsentState } from "./contacts.ts";

export type ConsentEntry = Pick<
  typeof consentHistory.$inferSelect,
  "epoch" | "state" | "source" | "actor" | "requestId" | "at"
>;

/**
 * A consent that is given earlier than what stands was said changes nothing; one that is withdrawn always counts, whatever the clocks say.
 * `onlyOptedOut` leaves everybody else as they are.
 */
export const setConsent = (
  db: D1Database,
  of: {
    organizationId: string;
    contactId: string;
    state: ConsentState;
    source: string;
    actor?: string;
    requestId?: string;
    at: number;
    onlyOptedOut: boolean;
  },
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE contacts SET consent_state = ?3, consent_source = ?4, consent_actor = ?7, consent_request = ?8,
         consent_updated_at = max(coalesce(consent_updated_at, 0), ?5), updated_at = max(updated_at, ?5)
       WHERE org_id = ?1 AND id = ?2 AND (?3 IN ('OPT_OUT', 'STOP') OR coalesce(consent_updated_at, 0) <= ?5)
         AND (NOT ?6 OR consent_state IN ('OPT_OUT', 'STOP'))`,
    )
    .bind(
      of.organizationId,
      of.contactId,
      of.state,
      of.source,
      of.at,
      of.onlyOptedOut ? 1 : 0,
      of.actor ?? null,
      of.requestId ?? null,
    );

/**
 * Whom a provider's status says that they want nothing more: the contact of our message, found by its id or, without one, by the provider's.
 * Who has opted out stays as they are, and what was said later stands, however often it is told.
 */
export const withdrawConsents = (
  db: D1Database,
  reports: readonly { organizationId: string; id: string | null; providerId: string | null; at: number }[],
): D1PreparedStatement =>
  db
    .prepare(
      `WITH told AS (
         SELECT value ->> 'organizationId' AS org, value ->> 'id' AS id, value ->> 'providerId' AS provider, value ->> 'at' AS at
         FROM json_each(?1)),
       found AS (
         SELECT m.org_id AS org, m.contact_id AS contact, t.at FROM told t
           CROSS JOIN messages m ON m.org_id = t.org AND m.id = t.id WHERE t.id IS NOT NULL AND m.direction = 'outbound'
         UNION ALL
         SELECT m.org_id, m.contact_id, t.at FROM told t
           CROSS JOIN messages m ON m.provider_id = t.provider AND m.org_id = t.org WHERE t.id IS NULL AND m.direction = 'outbound'),
       latest AS MATERIALIZED (SELECT org, contact, max(at) AS at FROM found q GROUP BY 1, 2)
       UPDATE contacts SET consent_state = 'OPT_OUT', consent_source = 'carrier', consent_actor = NULL, consent_request = NULL,
         consent_updated_at = f.at, updated_at = max(updated_at, f.at)
       FROM latest f WHERE contacts.org_id = f.org AND contacts.id = f.contact
         AND coalesce(contacts.consent_state, 'OPT_IN') = 'OPT_IN' AND coalesce(contacts.consent_updated_at, 0) <= f.at`,
    )
    .bind(JSON.stringify(reports));

/** `yes` when there is such a contact. */
export const contactExists = (db: D1Database, organizationId: string, id: string): D1PreparedStatement =>
  db.prepare("SELECT 1 AS yes FROM contacts WHERE org_id = ?1 AND id = ?2").bind(organizationId, id);

/** Newest first. */
export const selectConsentHistory = (
  db: D1Database,
  organizationId: string,
  contactId: string,
  limit: number,
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT epoch, state, source, actor, request_id AS requestId, at FROM consent_history
       WHERE org_id = ?1 AND contact_id = ?2 ORDER BY epoch DESC LIMIT ?3`,
    )
    .bind(organizationId, contactId, limit);

/** Keeps, for each hash, that its contact had opted out; forgets those of a contact that had not. */
export const keepSuppressions = (
  db: D1Database,
  organizationId: string,
  contactId: string,
  hashes: readonly string[],
): D1PreparedStatement[] => [
  db
    .prepare("DELETE FROM suppressions WHERE org_id = ?1 AND hash IN (SELECT value FROM json_each(?2))")
    .bind(organizationId, JSON.stringify(hashes)),
  db
    .prepare(
      `INSERT INTO suppressions (org_id, hash, state, at)
       SELECT c.org_id, q.value, c.consent_state, coalesce(c.consent_updated_at, c.updated_at) FROM contacts c, json_each(?3) q
       WHERE c.org_id = ?1 AND c.id = ?2 AND c.consent_state IN ('OPT_OUT', 'STOP')`,
    )
    .bind(organizationId, contactId, JSON.stringify(hashes)),
];
