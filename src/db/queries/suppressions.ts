// Addresses that contacts lose and get while they live: that somebody there had opted out goes with the address. Contacts that end: consent.ts.

/** `hash`: of an address (domain/contact/suppression.ts). */
export type AddressOf = { contactId: string; hash: string };

/** For the batch that takes addresses away: whoever gets one later is as opted out as the contact is that loses it. */
export const keepOfLost = (db: D1Database, organizationId: string, lost: readonly AddressOf[]): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO suppressions (org_id, hash, state, at)
       SELECT c.org_id, q.value ->> 'hash', c.consent_state, coalesce(c.consent_updated_at, c.updated_at)
       FROM json_each(?2) AS q CROSS JOIN contacts c ON c.org_id = ?1 AND c.id = q.value ->> 'contactId'
       WHERE c.consent_state IN ('OPT_OUT', 'STOP')
       ON CONFLICT DO UPDATE SET state = excluded.state, at = excluded.at`,
    )
    .bind(organizationId, JSON.stringify(lost));

/** For the batch that gives addresses: who gets one at which somebody had opted out has opted out. */
export const applyToGiven = (
  db: D1Database,
  organizationId: string,
  given: readonly AddressOf[],
  at: number,
): D1PreparedStatement =>
  db
    .prepare(
      `WITH latest AS MATERIALIZED (
         SELECT q.value ->> 'contactId' AS id, s.state, max(s.at) FROM json_each(?2) AS q
         CROSS JOIN suppressions s ON s.org_id = ?1 AND s.hash = q.value ->> 'hash' GROUP BY 1)
       UPDATE contacts SET consent_state = f.state, consent_source = 'suppression', consent_actor = NULL, consent_request = NULL,
         consent_updated_at = max(coalesce(consent_updated_at, 0), ?3), updated_at = max(updated_at, ?3)
       FROM latest f WHERE contacts.org_id = ?1 AND contacts.id = f.id AND coalesce(contacts.consent_state, 'OPT_IN') = 'OPT_IN'`,
    )
    .bind(organizationId, JSON.stringify(given), at);
