// Where the wire names of the caller, keys and members meet ours.
import type { ApiKeyView } from "../../../domain/identity/api-keys.ts";
import type { Me } from "../../../domain/identity/me.ts";
import type { Member } from "../../../domain/identity/members.ts";
import { timeOf, timeOrNull } from "../convert.ts";

export const toKey = (key: ApiKeyView) => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  scopes: key.scopes,
  created_by: key.createdBy,
  created_at: timeOf(key.createdAt),
  last_used_at: timeOrNull(key.lastUsedAt),
  revoked_at: timeOrNull(key.revokedAt),
});

export const toMember = (member: Member) => ({
  user_id: member.userId,
  role: member.role,
  created_by: member.createdBy,
  created_at: timeOf(member.createdAt),
});

export const toMe = (me: Me) => ({
  user: { id: me.userId, username: me.username },
  kind: me.kind,
  scopes: me.scopes,
  organization_id: me.organizationId,
  organizations: me.organizations,
});
