// Segments: their rows, and sets of contacts as SQL, by facts of their attributes and by their own columns. What a fact means is
// domain/segment/facts.ts. Only contacts with a number take part.
import { and, count, desc, eq } from "drizzle-orm";
import { orm, statementOf } from "../d1.ts";
import { segments } from "../schema.ts";
import { type SegmentQuery, segmentSql } from "./segment-sql.ts";

export type SegmentRow = typeof segments.$inferSelect;

const one = (organizationId: string, id: string) =>
  and(eq(segments.organizationId, organizationId), eq(segments.id, id));

export const findSegment = (db: D1Database, organizationId: string, id: string): Promise<SegmentRow | undefined> =>
  orm(db).select().from(segments).where(one(organizationId, id)).get();

/** Newest first. */
export const listSegments = async (
  db: D1Database,
  organizationId: string,
  page: { limit: number; offset: number },
): Promise<{ rows: SegmentRow[]; total: number }> => {
  const mine = eq(segments.organizationId, organizationId);
  const [rows, totals] = await orm(db).batch([
    orm(db).select().from(segments).where(mine).orderBy(desc(segments.id)).limit(page.limit).offset(page.offset),
    orm(db).select({ n: count() }).from(segments).where(mine),
  ]);
  return { rows, total: totals[0]!.n };
};

export const insertSegment = (db: D1Database, row: SegmentRow): D1PreparedStatement =>
  statementOf(db, orm(db).insert(segments).values(row));

export const updateSegment = (
  db: D1Database,
  { organizationId, id }: Pick<SegmentRow, "organizationId" | "id">,
  change: Partial<SegmentRow>,
): D1PreparedStatement => statementOf(db, orm(db).update(segments).set(change).where(one(organizationId, id)));

export const deleteSegment = (db: D1Database, organizationId: string, id: string): D1PreparedStatement =>
  statementOf(db, orm(db).delete(segments).where(one(organizationId, id)));

/**
 * Most of the table may be of one organisation: what its facts tell is to be looked up rather than all of it passed over, and where all of it has to
 * be, the index `contacts_reachable` has what is needed.
 */
const FROM = "FROM contacts c WHERE likelihood(c.org_id = ?1, 0.99) AND c.phone IS NOT NULL AND ?2 IS NOT NULL";

/** How many they are, as `n`. */
export const countMatching = (db: D1Database, organizationId: string, query: SegmentQuery): D1PreparedStatement => {
  const { where, values } = segmentSql(query);
  return db.prepare(`SELECT count(*) AS n ${FROM} AND ${where}`).bind(organizationId, values);
};

/** Numbers of a few of them, as `phone`. */
export const selectSample = (
  db: D1Database,
  organizationId: string,
  query: SegmentQuery,
  limit: number,
): D1PreparedStatement => {
  const { where, values } = segmentSql(query);
  return db
    .prepare(`SELECT c.phone AS phone ${FROM} AND ${where} ORDER BY c.id LIMIT ?3`)
    .bind(organizationId, values, limit);
};

/** Ids in order, those after `afterId`, as `id`. */
export const selectMatching = (
  db: D1Database,
  organizationId: string,
  query: SegmentQuery,
  afterId: string,
  limit: number,
): D1PreparedStatement => {
  const { where, values } = segmentSql(query);
  return db
    .prepare(`SELECT c.id ${FROM} AND ${where} AND c.id > ?3 ORDER BY c.id LIMIT ?4`)
    .bind(organizationId, values, afterId, limit);
};
