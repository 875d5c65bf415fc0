// What marketing workflows are made of: triggers, actions, conditions and an organisation's own event types.
import { and, count, desc, eq, getTableColumns, inArray, type SQL, sql } from "drizzle-orm";
import { orm, statementOf } from "../d1.ts";
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

export const deletePart = (db: D1Database, key: PartKey): D1PreparedStatement =>
  statementOf(db, orm(db).delete(marketingParts).where(byKey(key)));
