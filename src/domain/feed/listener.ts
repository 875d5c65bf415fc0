// Who listens to a workflow's live stream, and how many may.
import { listenerRights } from "../../db/queries/watches.ts";
import type { Principal, Role } from "../context.ts";
import { type Grant, may } from "../permission.ts";
import type { Database } from "../ports.ts";

/** Whom a stream belongs to. */
export type Listener = Pick<Principal, "userId" | "username" | "keyId"> & { scopes?: string[] | undefined };

/** Streams of one workflow, and of all workflows of an organisation. */
export const MAX_LISTENERS = 250;
export const MAX_ORGANIZATION_LISTENERS = 1_000;

export const listenerOf = ({ userId, username, keyId, scopes }: Principal): Listener => ({
  userId,
  username,
  ...(keyId === undefined ? {} : { keyId }),
  ...(scopes === undefined ? {} : { scopes }),
});

/** With the role that they have now. */
export const principalOf = (organizationId: string, listener: Listener, role: Role): Principal => {
  const { scopes, ...who } = listener;
  return {
    ...who,
    kind: listener.keyId === undefined ? "user" : "key",
    organizationId,
    role,
    ...(scopes === undefined ? {} : { scopes }),
  };
};

/**
 * The principals that listeners are now; null for who is no member any more, whose key was revoked, or who may not see the workflow. In the order
 * of `listeners`. One read.
 */
export const presentPrincipals = async (
  db: Database,
  { organizationId, workflowId }: { organizationId: string; workflowId: string },
  listeners: readonly Listener[],
): Promise<(Principal | null)[]> => {
  const rows = await listenerRights(
    db,
    organizationId,
    workflowId,
    listeners.map(({ userId, keyId }) => ({ userId, keyId: keyId ?? null })),
  );
  return listeners.map((listener, index) => {
    const row = rows[index];
    if (!row?.role || (listener.keyId !== undefined && !row.keyLives) || row.createdBy === null) return null;
    const principal = principalOf(organizationId, listener, row.role);
    const explicit = row.grant === null ? null : (JSON.parse(row.grant) as Grant);
    return may(principal, { createdBy: row.createdBy, explicit }, "view") ? principal : null;
  });
};
