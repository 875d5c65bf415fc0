// Channels that organisations have set up themselves.
import { and, asc, count, eq, inArray, sql } from "drizzle-orm";
import { orm, statementOf, wasAborted } from "../d1.ts";
import { channels } from "../schema.ts";

export type ChannelRow = typeof channels.$inferSelect;

const one = (organizationId: string, id: string) =>
  and(eq(channels.organizationId, organizationId), eq(channels.id, id));

/** In the order in which they were made, which is the order of preference. */
export const listChannels = (
  db: D1Database,
  organizationId: string,
  page: { limit: number; offset: number },
): Promise<{ rows: ChannelRow[]; total: number }> => {
  const mine = eq(channels.organizationId, organizationId);
  return orm(db)
    .batch([
      orm(db).select().from(channels).where(mine).orderBy(asc(channels.id)).limit(page.limit).offset(page.offset),
      orm(db).select({ n: count() }).from(channels).where(mine),
    ])
    .then(([rows, totals]) => ({ rows, total: totals[0]!.n }));
};

export const findActiveChannels = (db: D1Database, organizationId: string, limit: number): Promise<ChannelRow[]> =>
  orm(db)
    .select()
    .from(channels)
    .where(and(eq(channels.organizationId, organizationId), eq(channels.status, "active")))
    .orderBy(asc(channels.id))
    .limit(limit);

export const findChannel = (db: D1Database, organizationId: string, id: string): Promise<ChannelRow | undefined> =>
  orm(db).select().from(channels).where(one(organizationId, id)).get();

/** Channels of one organisation that claim the same sender; nobody keeps others from being asked by claiming it more often. */
const CLAIMS_OF_ONE = 5;

/** Of any organisation: whose callback it is, the signature tells. Those that a provider has confirmed come first. */
export const findInboundChannels = (
  db: D1Database,
  provider: ChannelRow["provider"],
  keys: readonly string[],
  limit: number,
): Promise<ChannelRow[]> => {
  const isClaim = and(
    eq(channels.provider, provider),
    inArray(channels.inboundKey, [...keys]),
    eq(channels.status, "active"),
  );
  const order = sql`${channels.verifiedAt} is null, ${channels.id}`;
  const first = sql`(select id from (
    select id, row_number() over (partition by org_id, inbound_key order by ${order}) as place from channels where ${isClaim}
  ) where place <= ${CLAIMS_OF_ONE})`;
  return orm(db)
    .select()
    .from(channels)
    .where(and(isClaim, inArray(channels.id, first)))
    .orderBy(order)
    .limit(limit);
};

/** Fails its batch when the organisation has more than `max` channels by now: the column takes no null. */
export const refuseMoreChannels = (
  db: D1Database,
  { organizationId, id }: Pick<ChannelRow, "organizationId" | "id">,
  max: number,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE channels SET name = NULL WHERE org_id = ?1 AND id = ?2 AND (SELECT count(*) FROM channels WHERE org_id = ?1) > ?3`,
    )
    .bind(organizationId, id, max);

/** True when `refuseMoreChannels` failed the batch. */
export const isTooManyChannels = (error: unknown): boolean =>
  wasAborted(error, "NOT NULL constraint failed: channels.name");

export const insertChannel = (db: D1Database, row: ChannelRow): D1PreparedStatement =>
  statementOf(db, orm(db).insert(channels).values(row));

export const updateChannel = (
  db: D1Database,
  { organizationId, id }: Pick<ChannelRow, "organizationId" | "id">,
  change: Partial<ChannelRow>,
): D1PreparedStatement => statementOf(db, orm(db).update(channels).set(change).where(one(organizationId, id)));

export const deleteChannel = (db: D1Database, organizationId: string, id: string): D1PreparedStatement =>
  statementOf(db, orm(db).delete(channels).where(one(organizationId, id)));
