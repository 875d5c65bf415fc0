// Further addresses by which a contact is known.
import { type Identity, valuesOf } from "./contacts.ts";

/** Those of `identities` that lead to nobody yet lead to this contact from now on, as long as it is there. */
export const linkIdentities = (
  db: D1Database,
  organizationId: string,
  contactId: string,
  identities: readonly Identity[],
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT OR IGNORE INTO identities (org_id, kind, value, contact_id)
       SELECT ?1, q.value ->> 'kind', q.value ->> 'value', ?2 FROM json_each(?3) AS q
       WHERE EXISTS (SELECT 1 FROM contacts WHERE org_id = ?1 AND id = ?2)`,
    )
    .bind(organizationId, contactId, JSON.stringify(identities));

/** An address that nobody has leads, from now on, to whoever has one of `others`. */
export const joinIdentity = (
  db: D1Database,
  organizationId: string,
  identity: Identity,
  others: readonly Identity[],
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT OR IGNORE INTO identities (org_id, kind, value, contact_id)
       SELECT ?1, ?2, ?3, k.contact_id FROM json_each(?5) AS q
       CROSS JOIN identities k ON k.org_id = ?1 AND k.kind = q.value ->> 'kind' AND k.value = q.value ->> 'value'
       WHERE NOT EXISTS (
         SELECT 1 FROM identities WHERE org_id = ?1 AND kind = ?2 AND value IN (SELECT value FROM json_each(?4)))
       LIMIT 1`,
    )
    .bind(
      ...[organizationId, identity.kind, identity.value, JSON.stringify(valuesOf(identity)), JSON.stringify(others)],
    );

/** Contacts, as `id`, to whom any of the addresses leads. */
export const selectContactIds = (
  db: D1Database,
  organizationId: string,
  identities: readonly Identity[],
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT DISTINCT k.contact_id AS id FROM json_each(?2) AS q
       CROSS JOIN identities k ON k.org_id = ?1 AND k.kind = q.value ->> 'kind' AND k.value = q.value ->> 'value'`,
    )
    .bind(
      organizationId,
      JSON.stringify(identities.flatMap((one) => valuesOf(one).map((value) => ({ kind: one.kind, value })))),
    );
