// The contacts of a segment, as a campaign takes them down.
import { and, eq } from "drizzle-orm";
import { orm } from "../d1.ts";
import { segments } from "../schema.ts";
import { type SegmentQuery, segmentSql } from "./segments.ts";

export type SegmentRow = typeof segments.$inferSelect;

export const findSegment = (db: D1Database, organizationId: string, id: string): Promise<SegmentRow | undefined> =>
  orm(db)
    .select()
    .from(segments)
    .where(and(eq(segments.organizationId, organizationId), eq(segments.id, id)))
    .get();

export const countContacts = async (db: D1Database, organizationId: string, query: SegmentQuery): Promise<number> => {
  const { where, values } = segmentSql(query);
  const row = await db
    .prepare(`SELECT count(*) AS n FROM contacts c WHERE c.org_id = ?1 AND ?2 IS NOT NULL AND ${where}`)
    .bind(organizationId, values)
    .first<{ n: number }>();
  return row!.n;
};

export const selectContactIds = async (
  db: D1Database,
  organizationId: string,
  query: SegmentQuery,
  after: string,
  limit: number,
): Promise<string[]> => {
  const { where, values } = segmentSql(query);
  const { results } = await db
    .prepare(
      `SELECT c.id FROM contacts c WHERE c.org_id = ?1 AND ?2 IS NOT NULL AND c.id > ?3 AND ${where} ORDER BY c.id LIMIT ?4`,
    )
    .bind(organizationId, values, after, limit)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
};
