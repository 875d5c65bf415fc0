// Members of an organisation: adding, changing roles, removing. Admins manage members; only owners make or unmake owners; a key manages only
// those who may do no more than it; an organisation always keeps an owner.

import { isUniqueViolation } from "../../db/d1.ts";
import {
  deleteMember,
  findMember,
  insertMember,
  isLastOwner,
  listMembers as listMemberRows,
  type MemberRow,
  updateRole,
} from "../../db/queries/organizations.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context, Role } from "../context.ts";
import { DomainError, notFound } from "../errors.ts";
import { authorizeRole, refuseBeyondKey } from "../permission.ts";

export type Member = { userId: string; role: Role; createdBy: string; createdAt: number };

const memberOf = (row: MemberRow): Member => ({
  userId: row.userId,
  role: row.role,
  createdBy: row.createdBy,
  createdAt: row.createdAt,
});

const authorizeFor = ({ principal }: Context, roles: readonly Role[]): void => {
  authorizeRole(principal, roles.includes("owner") ? "owner" : "admin", "admin");
  for (const role of roles) refuseBeyondKey(principal, role);
};

/** The mutation and its audit row. Throws `conflict` when no owner would be left. */
const change = async (
  { ports }: Context,
  mutation: D1PreparedStatement,
  audited: D1PreparedStatement,
): Promise<void> => {
  try {
    await ports.db.batch([mutation, audited]);
  } catch (error) {
    if (!isLastOwner(error)) throw error;
    throw new DomainError("conflict", "The last owner can't leave or change role", { subject: "member" });
  }
};

export const listMembers = async (
  { principal, ports }: Context,
  page: { limit: number; offset: number },
): Promise<{ rows: Member[]; total: number }> => {
  authorizeRole(principal, "viewer", "read");
  const { rows, total } = await listMemberRows(ports.db, principal.organizationId, page);
  return { rows: rows.map(memberOf), total };
};

/** Throws `conflict` for who is a member already. */
export const addMember = async (context: Context, wanted: { userId: string; role: Role }): Promise<Member> => {
  const { principal, ports } = context;
  authorizeFor(context, [wanted.role]);
  const row: MemberRow = {
    organizationId: principal.organizationId,
    userId: wanted.userId,
    role: wanted.role,
    createdBy: principal.userId,
    createdAt: ports.now(),
  };
  try {
    await ports.db.batch([
      insertMember(ports.db, row),
      auditStatement(context, {
        action: "member.added",
        targetType: "member",
        targetId: row.userId,
        details: { role: row.role },
      }),
    ]);
  } catch (error) {
    if (isUniqueViolation(error))
      throw new DomainError("conflict", "This user is a member already", { subject: "member" });
    throw error;
  }
  return memberOf(row);
};

/** Throws `conflict` when no owner would be left. */
export const changeRole = async (context: Context, userId: string, role: Role): Promise<Member> => {
  const { principal, ports } = context;
  authorizeRole(principal, "admin", "admin");
  const row = await findMember(ports.db, principal.organizationId, userId);
  if (!row) throw notFound("member");
  authorizeFor(context, [row.role, role]);
  await change(
    context,
    updateRole(ports.db, principal.organizationId, userId, role),
    auditStatement(context, {
      action: "member.role_changed",
      targetType: "member",
      targetId: userId,
      details: { from: row.role, to: role },
    }),
  );
  return memberOf({ ...row, role });
};

/** Anybody may leave; removing another takes an admin. Throws `conflict` when no owner would be left. */
export const removeMember = async (context: Context, userId: string): Promise<Member> => {
  const { principal, ports } = context;
  const leaving = principal.kind === "user" && principal.userId === userId;
  if (!leaving) authorizeRole(principal, "admin", "admin");
  const row = await findMember(ports.db, principal.organizationId, userId);
  if (!row) throw notFound("member");
  if (!leaving) authorizeFor(context, [row.role]);
  await change(
    context,
    deleteMember(ports.db, principal.organizationId, userId),
    auditStatement(context, {
      action: "member.removed",
      targetType: "member",
      targetId: userId,
      details: { role: row.role },
    }),
  );
  return memberOf(row);
};
