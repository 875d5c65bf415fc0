// Organisations and who belongs to them.
import { and, asc, count, eq } from "drizzle-orm";
import { orm, statementOf, wasAborted } from "../d1.ts";
import { members, organizations } from "../schema.ts";
import type { AuditCondition } from "./audit.ts";

export type MemberRow = typeof members.$inferSelect;
export type Role = MemberRow["role"];

/** The role of a user in an organisation, or undefined. Runs on every request: one read by primary key. */
export const findRole = async (db: D1Database, organizationId: string, userId: string): Promise<Role | undefined> =>
  (await db
    .prepare("SELECT role FROM members WHERE org_id = ?1 AND user_id = ?2")
    .bind(organizationId, userId)
    .first<Role>("role")) ?? undefined;

export const organizationExists = async (db: D1Database, id: string): Promise<boolean> =>
  (await db.prepare("SELECT 1 AS yes FROM organizations WHERE id = ?1").bind(id).first("yes")) !== null;

/** The user whose own organisation this is; null for any other. */
export const findPersonalFor = (db: D1Database, organizationId: string): Promise<string | null> =>
  db.prepare("SELECT personal_for FROM organizations WHERE id = ?1").bind(organizationId).first<string>("personal_for");

/** The organisation made for a user, with their role in it; role null when they no longer belong to it. */
export const findOwnOrganization = async (
  db: D1Database,
  userId: string,
): Promise<{ organizationId: string; role: Role | null } | undefined> =>
  (await db
    .prepare(
      `SELECT o.id AS organizationId, m.role AS role FROM organizations o
       LEFT JOIN members m ON m.org_id = o.id AND m.user_id = ?1 WHERE o.personal_for = ?1`,
    )
    .bind(userId)
    .first<{ organizationId: string; role: Role | null }>()) ?? undefined;

/** Statements that make the user's own organisation; the batch fails on its unique key when they have one. */
export const insertOwnOrganization = (
  db: D1Database,
  made: { id: string; name: string; userId: string; at: number },
): D1PreparedStatement[] => [
  statementOf(
    db,
    orm(db)
      .insert(organizations)
      .values({ id: made.id, name: made.name, personalFor: made.userId, createdAt: made.at }),
  ),
  insertMember(db, {
    organizationId: made.id,
    userId: made.userId,
    role: "owner",
    createdBy: made.userId,
    createdAt: made.at,
  }),
];

/** A user's organisations, oldest membership first. */
export const listOrganizationsOf = (
  db: D1Database,
  userId: string,
): Promise<{ id: string; name: string; role: Role; personalFor: string | null }[]> =>
  orm(db)
    .select({
      id: organizations.id,
      name: organizations.name,
      role: members.role,
      personalFor: organizations.personalFor,
    })
    .from(members)
    .innerJoin(organizations, eq(organizations.id, members.organizationId))
    .where(eq(members.userId, userId))
    .orderBy(asc(members.createdAt), asc(organizations.id))
    .limit(1000);

export const listMembers = async (
  db: D1Database,
  organizationId: string,
  page: { limit: number; offset: number },
): Promise<{ rows: MemberRow[]; total: number }> => {
  const mine = eq(members.organizationId, organizationId);
  const [rows, totals] = await orm(db).batch([
    orm(db)
      .select()
      .from(members)
      .where(mine)
      .orderBy(asc(members.createdAt), asc(members.userId))
      .limit(page.limit)
      .offset(page.offset),
    orm(db).select({ n: count() }).from(members).where(mine),
  ]);
  return { rows, total: totals[0]!.n };
};

export const insertMember = (db: D1Database, row: MemberRow): D1PreparedStatement =>
  statementOf(db, orm(db).insert(members).values(row));

/** A member who comes by themselves: not who is one, and nobody who was removed before. */
export const insertNewcomer = (db: D1Database, row: MemberRow): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO members (org_id, user_id, role, created_by, created_at) SELECT ?1, ?2, ?3, ?4, ?5 WHERE ${IS_NEW}
       ON CONFLICT DO NOTHING`,
    )
    .bind(row.organizationId, row.userId, row.role, row.createdBy, row.createdAt);

const IS_NEW = `NOT EXISTS (SELECT 1 FROM audit WHERE org_id = ?1 AND target_type = 'member' AND target_id = ?2 AND action = 'member.removed')`;

/** For the audit row before `insertNewcomer`. */
export const isNewcomer = (organizationId: string, userId: string): AuditCondition => ({
  where: `${IS_NEW} AND NOT EXISTS (SELECT 1 FROM members WHERE org_id = ?1 AND user_id = ?2)`,
  values: [organizationId, userId],
});

const one = (organizationId: string, userId: string) =>
  and(eq(members.organizationId, organizationId), eq(members.userId, userId));

export const findMember = async (
  db: D1Database,
  organizationId: string,
  userId: string,
): Promise<MemberRow | undefined> => orm(db).select().from(members).where(one(organizationId, userId)).get();

export const updateRole = (db: D1Database, organizationId: string, userId: string, role: Role): D1PreparedStatement =>
  statementOf(db, orm(db).update(members).set({ role }).where(one(organizationId, userId)));

export const deleteMember = (db: D1Database, organizationId: string, userId: string): D1PreparedStatement =>
  statementOf(db, orm(db).delete(members).where(one(organizationId, userId)));

/** True when a batch failed because it would have left an organisation without an owner. */
export const isLastOwner = (error: unknown): boolean => wasAborted(error, "an organisation keeps an owner");
