// The marks on contacts whose facts are yet to be made, and their taking off. The rows of contact_facts follow by triggers.

/** `attributes` as stored, so that it can be compared. */
export type Unsettled = { id: string; attributes: string };

export const selectUnsettled = (db: D1Database, organizationId: string, limit: number): D1PreparedStatement =>
  db
    .prepare("SELECT id, attributes FROM contacts WHERE org_id = ?1 AND unsettled IS NOT NULL ORDER BY id LIMIT ?2")
    .bind(organizationId, limit);

/** `facts`: those of `attributes`; a contact whose attributes are others by now keeps its mark. */
export const settle = (
  db: D1Database,
  organizationId: string,
  settled: readonly (Unsettled & { facts: string })[],
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE contacts SET facts = q.value ->> 'facts', unsettled = NULL FROM json_each(?2) AS q
       WHERE contacts.org_id = ?1 AND contacts.id = q.value ->> 'id' AND contacts.attributes = q.value ->> 'attributes'`,
    )
    .bind(organizationId, JSON.stringify(settled));
