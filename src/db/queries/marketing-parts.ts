// What marketing workflows are made of: triggers, actions, conditions and an organisation's own event types.
import { and, count, desc, eq, getTableColumns, inArray, type SQL, sql } from "drizzle-orm";
import { orm, statementOf, wasAborted } from "../d1.ts";
import { marketingParts } from "../schema.ts";
import { spellingsOf } from "./spellings.ts";

const { n: _, ...columns } = getTableColumns(marketingParts);

export const partColumns = columns;
export type PartRow = Omit<typeof marketingParts.$inferSelect, "n">;
export type PartKind = PartRow["kind"];
type PartKey = Pick<PartRow, "organizationId" | "kind" | "id">;

const byKey = ({ organizationId, kind, id }: PartKey) =>
  and(eq(marketingParts.organizationId, organizationId), eq(marketingParts.kind, kind), eq(marketingParts.id, id));

export const findPart = (db: D1Database, key: PartKey): Promise<PartRow | undefined> =>
  orm(db).select(columns).from(marketingParts).where(byKey(key)).get();

/** An organisation's own event types have their codes for types; of these codes. */
export const findEventTypes = (db: D1Database, organizationId: string, codes: string[]): Promise<PartRow[]> =>
  orm(db)
    .select(columns)
    .from(marketingParts)
    .where(
      and(
        eq(marketingParts.organizationId, organizationId),
        eq(marketingParts.kind, "event_type"),
        inArray(marketingParts.type, codes),
      ),
    );

export type PartFilter = {
  type?: string;
  isActive?: boolean;
  /** Of event types. */
  category?: string;
  /** In names and descriptions, any part of a word. */
  search?: string;
};

/** Three characters and more are looked up in the index of trigrams; fewer are none. */
const matches = (search: string): SQL =>
  [...search].length >= 3
    ? sql`${marketingParts.n} IN (SELECT rowid FROM marketing_search WHERE marketing_search MATCH ${`"${search.replaceAll('"', '""')}"`})`
    : sql`EXISTS (SELECT 1 FROM json_each(${JSON.stringify(spellingsOf(search))})
        WHERE instr(${marketingParts.name}, value) > 0 OR instr(${marketingParts.description}, value) > 0)`;

/** Newest first. */
export const listParts = async (
  db: D1Database,
  organizationId: string,
  kind: PartKind,
  { type, isActive, category, search }: PartFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: PartRow[]; total: number }> => {
  const wanted = and(
    eq(marketingParts.organizationId, organizationId),
    eq(marketingParts.kind, kind),
    type === undefined ? undefined : eq(marketingParts.type, type),
    isActive === undefined ? undefined : eq(marketingParts.isActive, isActive),
    category === undefined ? undefined : sql`${marketingParts.body} ->> '$.category' = ${category}`,
    search === undefined || search === "" ? undefined : matches(search),
  );
  const [rows, totals] = await orm(db).batch([
    orm(db)
      .select(columns)
      .from(marketingParts)
      .where(wanted)
      .orderBy(desc(marketingParts.id))
      .limit(page.limit)
      .offset(page.offset),
    orm(db).select({ n: count() }).from(marketingParts).where(wanted),
  ]);
  return { rows, total: totals[0]!.n };
};

export const insertPart = (db: D1Database, row: PartRow): D1PreparedStatement =>
  statementOf(db, orm(db).insert(marketingParts).values(row));

export const updatePart = (
  db: D1Database,
  key: PartKey,
  change: Partial<Omit<PartRow, keyof PartKey>>,
): D1PreparedStatement => statementOf(db, orm(db).update(marketingParts).set(change).where(byKey(key)));

/** Fails its batch when the part has been changed since it was read: the column takes no null. */
export const refusePartChanged = (db: D1Database, part: PartKey & Pick<PartRow, "updatedAt">): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE marketing_parts SET description = NULL WHERE org_id = ?1 AND kind = ?2 AND id = ?3 AND updated_at <> ?4",
    )
    .bind(part.organizationId, part.kind, part.id, part.updatedAt);

/** Fails its batch, as `refusePartChanged` does, when a workflow's action needs the condition. */
export const refuseNeeded = (db: D1Database, { organizationId, id }: PartKey): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE marketing_parts SET description = NULL WHERE org_id = ?1 AND kind = 'condition' AND id = ?2
         AND EXISTS (SELECT 1 FROM marketing_workflow_actions j WHERE j.org_id = ?1 AND j.condition_id = ?2)`,
    )
    .bind(organizationId, id);

/** True when one of these failed the batch. */
export const isPartChangedMeanwhile = (error: unknown): boolean =>
  wasAborted(error, "NOT NULL constraint failed: marketing_parts.description");

/** Fails its batch, as `refuseChanged` does for the workflow that is to have it, when the part is no longer as it was read. */
export const refuseWithoutPart = (
  db: D1Database,
  workflow: { organizationId: string; id: string },
  { kind, id, updatedAt }: Pick<PartRow, "kind" | "id" | "updatedAt">,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE workflows SET status = NULL WHERE org_id = ?1 AND id = ?2 AND NOT EXISTS (
         SELECT 1 FROM marketing_parts p WHERE p.org_id = ?1 AND p.kind = ?3 AND p.id = ?4 AND p.updated_at = ?5)`,
    )
    .bind(workflow.organizationId, workflow.id, kind, id, updatedAt);

export const deletePart = (db: D1Database, key: PartKey): D1PreparedStatement =>
  statementOf(db, orm(db).delete(marketingParts).where(byKey(key)));
