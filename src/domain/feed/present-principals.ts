// What listeners may now: rights end while streams are open.
import { listenerRights } from "../../db/queries/watches.ts";
import type { Principal, Role } from "../context.ts";
import { type Grant, may } from "../permission.ts";
import type { Database } from "../ports.ts";
import type { Listener } from "./listener.ts";

/**
 * The principals that listeners are now; null for who is no member any more, whose key was revoked, or who may not see the workflow. In the order
 * of `listeners`. One read.
 */
export const presentPrincipals = async (
  db: Database,
  { organizationId, workflowId }: { organizationId: string; workflowId: string },
  listeners: readonly Listener[],
): Promise<(Principal | null)[]> => {
  const who = listeners.map(({ userId, keyId }) => ({ userId, keyId: keyId ?? null }));
  const rows = await listenerRights(db, organizationId, workflowId, who);
  return listeners.map((listener, index) => {
    const row = rows[index];
    if (!row?.role || (listener.keyId !== undefined && !row.keyLives) || row.createdBy === null) return null;
    const principal = principalOf(organizationId, listener, row.role);
    const explicit = row.grant === null ? null : (JSON.parse(row.grant) as Grant);
    return may(principal, { createdBy: row.createdBy, explicit }, "view") ? principal : null;
  });
};

const principalOf = (organizationId: string, listener: Listener, role: Role): Principal => ({
  ...listener,
  kind: listener.keyId === undefined ? "user" : "key",
  organizationId,
  role,
});
