// Further addresses by which a contact is known.
import type { Identity } from "./contacts.ts";

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
