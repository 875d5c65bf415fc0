// Templates of an organisation.
import { and, count, desc, eq } from "drizzle-orm";
import { orm, statementOf } from "../d1.ts";
import { templates } from "../schema.ts";

export type TemplateRow = typeof templates.$inferSelect;

const one = (organizationId: string, id: string) =>
  and(eq(templates.organizationId, organizationId), eq(templates.id, id));

export const findTemplate = (db: D1Database, organizationId: string, id: string): Promise<TemplateRow | undefined> =>
  orm(db).select().from(templates).where(one(organizationId, id)).get();

/** Newest first. */
export const listTemplates = async (
  db: D1Database,
  organizationId: string,
  page: { limit: number; offset: number },
): Promise<{ rows: TemplateRow[]; total: number }> => {
  const wanted = eq(templates.organizationId, organizationId);
  const [rows, totals] = await orm(db).batch([
    orm(db).select().from(templates).where(wanted).orderBy(desc(templates.id)).limit(page.limit).offset(page.offset),
    orm(db).select({ n: count() }).from(templates).where(wanted),
  ]);
  return { rows, total: totals[0]!.n };
};

export const insertTemplate = (db: D1Database, row: TemplateRow): D1PreparedStatement =>
  statementOf(db, orm(db).insert(templates).values(row));

export const updateTemplate = (
  db: D1Database,
  { organizationId, id }: Pick<TemplateRow, "organizationId" | "id">,
  change: Partial<TemplateRow>,
): D1PreparedStatement => statementOf(db, orm(db).update(templates).set(change).where(one(organizationId, id)));

export const deleteTemplate = (db: D1Database, organizationId: string, id: string): D1PreparedStatement =>
  statementOf(db, orm(db).delete(templates).where(one(organizationId, id)));
