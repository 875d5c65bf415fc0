// Blueprints, with what became of them. A public one is read by every organisation; everything else only by its own.
import { and, eq, or, sql } from "drizzle-orm";
import { orm, statementOf, wasAborted } from "../d1.ts";
import { blueprintRatings, blueprints, blueprintTallies } from "../schema.ts";

export type BlueprintRow = typeof blueprints.$inferSelect;

/** `organizations`: others than its owner that have used it. */
export type Tally = { uses: number; organizations: number; ratings: number; stars: number };

const NO_TALLY: Tally = { uses: 0, organizations: 0, ratings: 0, stars: 0 };

const one = (organizationId: string, id: string) =>
  and(eq(blueprints.organizationId, organizationId), eq(blueprints.id, id));

/** One that the organisation may see: its own, or anybody's that is public. */
export const findBlueprint = (db: D1Database, organizationId: string, id: string): Promise<BlueprintRow | undefined> =>
  orm(db)
    .select()
    .from(blueprints)
    .where(or(one(organizationId, id), and(eq(blueprints.id, id), sql`${blueprints.isPublic} = 1`)))
    .get();

/** What became of it, and what this person gave it (null: nothing yet). One batch. */
export const readTally = async (
  db: D1Database,
  { ownerId, blueprintId, userId }: { ownerId: string; blueprintId: string; userId: string },
): Promise<{ tally: Tally; rating: number | null }> => {
  const [tallies, ratings] = await orm(db).batch([
    orm(db)
      .select({
        uses: blueprintTallies.uses,
        organizations: blueprintTallies.organizations,
        ratings: blueprintTallies.ratings,
        stars: blueprintTallies.stars,
      })
      .from(blueprintTallies)
      .where(and(eq(blueprintTallies.organizationId, ownerId), eq(blueprintTallies.blueprintId, blueprintId))),
    orm(db)
      .select({ stars: blueprintRatings.stars })
      .from(blueprintRatings)
      .where(
        and(
          eq(blueprintRatings.organizationId, ownerId),
          eq(blueprintRatings.blueprintId, blueprintId),
          eq(blueprintRatings.userId, userId),
        ),
      ),
  ]);
  return { tally: tallies[0] ?? NO_TALLY, rating: ratings[0]?.stars ?? null };
};

export const insertBlueprint = (db: D1Database, row: BlueprintRow): D1PreparedStatement =>
  statementOf(db, orm(db).insert(blueprints).values(row));

export const updateBlueprint = (
  db: D1Database,
  { organizationId, id }: Pick<BlueprintRow, "organizationId" | "id">,
  change: Partial<BlueprintRow>,
): D1PreparedStatement => statementOf(db, orm(db).update(blueprints).set(change).where(one(organizationId, id)));

/** Fails its batch when the blueprint is no longer as it was read. */
export const refuseChangedBlueprint = (
  db: D1Database,
  { organizationId, id, updatedAt }: Pick<BlueprintRow, "organizationId" | "id" | "updatedAt">,
): D1PreparedStatement =>
  db
    .prepare("UPDATE blueprints SET name = NULL WHERE org_id = ?1 AND id = ?2 AND updated_at <> ?3")
    .bind(organizationId, id, updatedAt);

/** True when `refuseChangedBlueprint` failed the batch. */
export const isBlueprintChangedMeanwhile = (error: unknown): boolean =>
  wasAborted(error, "NOT NULL constraint failed: blueprints.name");

/** What became of it goes with it. */
export const deleteBlueprint = (db: D1Database, organizationId: string, id: string): D1PreparedStatement =>
  statementOf(db, orm(db).delete(blueprints).where(one(organizationId, id)));

/** One more workflow was made from it. `isStored`: it is a row, and not counted when it has gone meanwhile. */
export const countUse = (
  db: D1Database,
  { ownerId, blueprintId, isStored }: { ownerId: string; blueprintId: string; isStored: boolean },
  usedBy: string,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO blueprint_uses (org_id, blueprint_id, used_by, n) SELECT ?1, ?2, ?3, 1
       WHERE NOT ?4 OR EXISTS (SELECT 1 FROM blueprints WHERE org_id = ?1 AND id = ?2)
       ON CONFLICT DO UPDATE SET n = n + 1`,
    )
    .bind(ownerId, blueprintId, usedBy, isStored ? 1 : 0);

export const upsertRating = (
  db: D1Database,
  rating: { ownerId: string; blueprintId: string; userId: string; stars: number; at: number },
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO blueprint_ratings (org_id, blueprint_id, user_id, stars, rated_at) VALUES (?1, ?2, ?3, ?4, ?5)
       ON CONFLICT DO UPDATE SET stars = excluded.stars, rated_at = excluded.rated_at`,
    )
    .bind(rating.ownerId, rating.blueprintId, rating.userId, rating.stars, rating.at);

// ── Lists ──

/** A blueprint without what it holds. `size`: of that in bytes; 0 of those that come with the product. */
export type BlueprintHead = Omit<BlueprintRow, "variables" | "content" | "searchText"> & Tally & { size: number };

/** Of those that come with the product, which are no rows. */
export type BuiltInHead = Pick<
  BlueprintRow,
  "id" | "name" | "description" | "category" | "tags" | "nodeCount" | "searchText" | "createdAt"
>;

export type BlueprintListFilter = {
  category?: string;
  isPublic?: boolean;
  isFeatured?: boolean;
  /** In lower case; any part of a name, a description, a category or a tag. */
  search?: string;
  /** All of them. */
  tags?: readonly string[];
  sortBy: "name" | "uses" | "rating" | "createdAt";
  order: "asc" | "desc";
};

export type BlueprintPage = {
  rows: BlueprintHead[];
  total: number;
  /** Of all that the organisation sees, whatever the filter. */
  categories: { category: string; n: number }[];
  /** The first of all. */
  featured: BlueprintHead[];
};

const COLUMNS =
  "org_id, id, name, description, category, tags, preview_image, is_public, node_count, search_text, workflow_id, created_by, created_at, updated_at, octet_length(content) + octet_length(variables) AS size";

/** Who uses it, times what people think of it: organisations that use it (its own counts as one), times its mean rating, five of 3 stars supposed. */
const SCORE = "(1 + organizations) * (stars + 15.0) / (ratings + 5)";
/** What was used before what was not, where both have the same score. */
const BEST = "score DESC, uses > 0 DESC, id";

/** ?1 the organisation, ?2 the owner of what is built in, ?3 that itself, ?4 how many are featured. */
const VISIBLE = `WITH visible AS (
    SELECT ${COLUMNS} FROM blueprints WHERE org_id = ?1
    UNION ALL SELECT ${COLUMNS} FROM blueprints WHERE is_public = 1 AND org_id <> ?1
    UNION ALL SELECT ?2, value->>'id', value->>'name', value->>'description', value->>'category', value->'tags', NULL, 1, value->>'nodeCount',
      value->>'searchText', NULL, ?2, value->>'createdAt', value->>'createdAt', 0 FROM json_each(?3)
  ), counted AS (
    SELECT v.*, coalesce(t.uses, 0) AS uses, coalesce(t.organizations, 0) AS organizations, coalesce(t.ratings, 0) AS ratings, coalesce(t.stars, 0) AS stars
    FROM visible v LEFT JOIN blueprint_tallies t ON t.org_id = v.org_id AND t.blueprint_id = v.id
  ), featured AS (
    SELECT *, ${SCORE} AS score FROM counted WHERE is_public = 1 AND (uses > 0 OR org_id = ?2) ORDER BY ${BEST} LIMIT ?4
  )`;

const SORTS: Record<BlueprintListFilter["sortBy"], string> = {
  name: "lower(name)",
  uses: "uses",
  rating: "CASE WHEN ratings > 0 THEN stars * 1.0 / ratings END",
  createdAt: "created_at",
};

type Raw = Record<string, string | number | null>;

const headOf = (raw: Raw): BlueprintHead => ({
  organizationId: raw.org_id as string,
  id: raw.id as string,
  name: raw.name as string,
  description: raw.description as string,
  category: raw.category as string,
  tags: JSON.parse(raw.tags as string) as string[],
  previewImage: raw.preview_image as string | null,
  isPublic: raw.is_public === 1,
  nodeCount: Number(raw.node_count),
  workflowId: raw.workflow_id as string | null,
  createdBy: raw.created_by as string,
  createdAt: Number(raw.created_at),
  updatedAt: Number(raw.updated_at),
  uses: raw.uses as number,
  organizations: raw.organizations as number,
  ratings: raw.ratings as number,
  stars: raw.stars as number,
  size: raw.size as number,
});

/** What blueprints hold, by key, in no order. Whoever asks minds their sizes. */
export const readHeld = async (
  db: D1Database,
  keys: readonly Pick<BlueprintRow, "organizationId" | "id">[],
): Promise<Pick<BlueprintRow, "organizationId" | "id" | "variables" | "content">[]> => {
  if (keys.length === 0) return [];
  const { results } = await db
    .prepare(
      `SELECT b.org_id AS organizationId, b.id, b.variables, b.content FROM json_each(?1) k
       CROSS JOIN blueprints b ON b.org_id = k.value->>0 AND b.id = k.value->>1`,
    )
    .bind(JSON.stringify(keys.map(({ organizationId, id }) => [organizationId, id])))
    .all<{ organizationId: string; id: string; variables: string; content: string }>();
  return results.map(({ variables, content, ...key }) => ({
    ...key,
    variables: JSON.parse(variables),
    content: JSON.parse(content),
  }));
};

/** One batch. What nobody rated comes last by rating, in either order. Reads the heads of all that the organisation may see. */
export const listBlueprints = async (
  db: D1Database,
  organizationId: string,
  builtIn: { ownerId: string; heads: readonly BuiltInHead[] },
  filter: BlueprintListFilter,
  page: { limit: number; offset: number },
  featuredCount: number,
): Promise<BlueprintPage> => {
  const given = [organizationId, builtIn.ownerId, JSON.stringify(builtIn.heads), featuredCount];
  const values: (string | number)[] = [];
  const add = (value: string | number): string => `?${given.length + values.push(value)}`;
  const wanted = [
    ...(filter.category === undefined ? [] : [`category = ${add(filter.category)}`]),
    ...(filter.isPublic === undefined ? [] : [`is_public = ${add(filter.isPublic ? 1 : 0)}`]),
    ...(filter.isFeatured === undefined ? [] : [`id ${filter.isFeatured ? "" : "NOT "}IN (SELECT id FROM featured)`]),
    ...(filter.search ? [`instr(search_text, ${add(filter.search)}) > 0`] : []),
    ...(filter.tags ?? []).map((tag) => `EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ${add(tag)})`),
  ];
  const where = wanted.length === 0 ? "" : `WHERE ${wanted.join(" AND ")}`;
  const bound = (sqlText: string, more: (string | number)[]) =>
    db.prepare(`${VISIBLE} ${sqlText}`).bind(...given, ...more);
  const order = `${SORTS[filter.sortBy]} ${filter.order.toUpperCase()} NULLS LAST, id ${filter.order.toUpperCase()}`;
  const limit = given.length + values.length;
  const [rows, totals, categories, featured] = await db.batch<Raw>([
    bound(`SELECT * FROM counted ${where} ORDER BY ${order} LIMIT ?${limit + 1} OFFSET ?${limit + 2}`, [
      ...values,
      page.limit,
      page.offset,
    ]),
    bound(`SELECT count(*) AS n FROM counted ${where}`, values),
    bound("SELECT category, count(*) AS n FROM visible GROUP BY category ORDER BY category", []),
    bound(`SELECT * FROM featured ORDER BY ${BEST}`, []),
  ]);
  return {
    rows: rows!.results.map(headOf),
    total: Number(totals!.results[0]!.n),
    categories: categories!.results.map(({ category, n }) => ({ category: String(category), n: Number(n) })),
    featured: featured!.results.map(headOf),
  };
};
