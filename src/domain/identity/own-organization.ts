// The organisation that everybody has: made when they first come without naming another.
import { findOwnOrganization, insertOwnOrganization } from "../../db/queries/organizations.ts";
import { newId } from "../../lib/ids.ts";
import { auditOf } from "../audit/record.ts";
import type { Role } from "../context.ts";
import { DomainError } from "../errors.ts";
import type { Ports } from "../ports.ts";

/** One read; at the first use also one batch. Throws `forbidden` for who was removed from it. */
export const ensureOwnOrganization = async (
  { db, now }: Pick<Ports, "db" | "now">,
  user: { userId: string; username: string },
): Promise<{ organizationId: string; role: Role }> => {
  const found = await findOwnOrganization(db, user.userId);
  if (found) return asMember(found);
  const at = now();
  const id = newId(at);
  try {
    await db.batch([
      ...insertOwnOrganization(db, { id, name: `${user.username}'s organization`, userId: user.userId, at }),
      auditOf(db, id, `user:${user.userId}`, "", at, {
        action: "organization.created",
        targetType: "organization",
        targetId: id,
      }),
    ]);
  } catch (error) {
    // Somebody else's request made it first.
    const made = await findOwnOrganization(db, user.userId);
    if (made) return asMember(made);
    throw error;
  }
  return { organizationId: id, role: "owner" };
};

const asMember = (found: { organizationId: string; role: Role | null }): { organizationId: string; role: Role } => {
  if (found.role === null)
    throw new DomainError(
      "forbidden",
      "You are no longer a member of your organization; name another by X-Organization-ID",
    );
  return { organizationId: found.organizationId, role: found.role };
};
