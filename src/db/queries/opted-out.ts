// Whether somebody behind an address does not want to hear from an organisation.
import { type Identity, valuesOf } from "./contacts.ts";

/** `suppression`: the identity's hash, by which a deleted contact that had opted out is still known. */
export const hasOptedOut = async (
  db: D1Database,
  organizationId: string,
  identity: Identity,
  suppression: string,
): Promise<boolean> => {
  const found = await db
    .prepare(
      `SELECT 1 FROM identities k JOIN contacts c ON c.org_id = k.org_id AND c.id = k.contact_id
         WHERE k.org_id = ?1 AND k.kind = ?2 AND k.value IN (SELECT value FROM json_each(?3)) AND c.consent_state IN ('OPT_OUT', 'STOP')
       UNION ALL
       SELECT 1 FROM suppressions s WHERE s.org_id = ?1 AND s.hash = ?4 AND NOT EXISTS (
         SELECT 1 FROM identities k WHERE k.org_id = ?1 AND k.kind = ?2 AND k.value IN (SELECT value FROM json_each(?3)))
       LIMIT 1`,
    )
    .bind(organizationId, identity.kind, JSON.stringify(valuesOf(identity)), suppression)
    .first();
  return found !== null;
};
