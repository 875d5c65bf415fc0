// The marks on contacts whose facts are yet to be made, and their taking off. The rows of contact_facts follow by triggers.

/** `attributes` as stored, so that it can be compared. */
export type Unsettled = { id: string; attributes: string };

export const selectUnsettled = (db: D1Database, organizationId: string, limit: number): D1PreparedStatement =>
  db
    .prepare(
      `SELECT id, attributes FROM contacts INDEXED BY contacts_unsettled
       WHERE org_id = ?1 AND unsettled IS NOT NULL ORDER BY id LIMIT ?2`,
    )
    .bind(organizationId, limit);

/** `facts`: those of `attributes`; a contact whose attributes are others by now keeps its mark. */
export const settle = (
  db: D1Database,
  organizationId: string,
  settled: readonly (Unsettled & { facts: string })[],
): D1PreparedStatement =>
  db
    .prepare(
      // Materialized, or SQLite would look through the whole organisation for each.
      `WITH q AS MATERIALIZED (
         SELECT value ->> 'id' AS id, value ->> 'attributes' AS attributes, value ->> 'facts' AS facts FROM json_each(?2))
       UPDATE contacts SET facts = q.facts, unsettled = NULL FROM q
       WHERE contacts.org_id = ?1 AND contacts.id = q.id AND contacts.attributes = q.attributes`,
    )
    .bind(organizationId, JSON.stringify(settled));
