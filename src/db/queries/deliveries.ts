// Outgoing webhooks: the index of their objects, and what they are signed with.
import { and, desc, eq, sql } from "drizzle-orm";
import { orm, statementOf } from "../d1.ts";
import { deliveries, signingSecrets } from "../schema.ts";

export type DeliveryRow = typeof deliveries.$inferSelect;
type SigningSecretRow = typeof signingSecrets.$inferSelect;

/** What the object says; an older word than the row has changes nothing. */
export const writeDelivery = (db: D1Database, row: DeliveryRow): D1PreparedStatement => {
  const { status, attempts, attemptCount, responseStatus, nextAttemptAt, completedAt } = row;
  return statementOf(
    db,
    orm(db)
      .insert(deliveries)
      .values(row)
      .onConflictDoUpdate({
        target: [deliveries.organizationId, deliveries.id],
        set: { status, attempts, attemptCount, responseStatus, nextAttemptAt, completedAt },
        setWhere: sql`${deliveries.attemptCount} <= ${attemptCount} AND ${deliveries.completedAt} IS NULL`,
      }),
  );
};

export const deleteDelivery = async (db: D1Database, organizationId: string, id: string): Promise<void> => {
  await orm(db)
    .delete(deliveries)
    .where(and(eq(deliveries.organizationId, organizationId), eq(deliveries.id, id)));
};

export const findDelivery = (db: D1Database, organizationId: string, id: string): Promise<DeliveryRow | undefined> =>
  orm(db)
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.organizationId, organizationId), eq(deliveries.id, id)))
    .get();

/** Newest first. */
export const listDeliveries = async (
  db: D1Database,
  organizationId: string,
  { status }: { status?: DeliveryRow["status"] },
  page: { limit: number; offset: number },
): Promise<{ rows: DeliveryRow[]; total: number }> => {
  const wanted = and(
    eq(deliveries.organizationId, organizationId),
    status === undefined ? undefined : eq(deliveries.status, status),
  );
  const [rows, totals] = await orm(db).batch([
    orm(db).select().from(deliveries).where(wanted).orderBy(desc(deliveries.id)).limit(page.limit).offset(page.offset),
    orm(db).select({ n: sql<number>`count(*)` }).from(deliveries).where(wanted),
  ]);
  return { rows, total: totals[0]!.n };
};

export const findSigningSecret = (db: D1Database, organizationId: string): Promise<SigningSecretRow | undefined> =>
  orm(db).select().from(signingSecrets).where(eq(signingSecrets.organizationId, organizationId)).get();

/** Answers the one that stands. */
export const insertSigningSecret = async (
  db: D1Database,
  row: Pick<SigningSecretRow, "organizationId" | "secretSealed" | "createdAt">,
): Promise<SigningSecretRow> => {
  await orm(db).insert(signingSecrets).values(row).onConflictDoNothing();
  return (await findSigningSecret(db, row.organizationId))!;
};

/** The one before is good until `until`. */
export const rotateSigningSecret = (
  db: D1Database,
  next: { organizationId: string; secretSealed: string; createdAt: number; until: number },
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE signing_secrets SET previous_sealed = secret_sealed, previous_until = ?4, secret_sealed = ?2, created_at = ?3
       WHERE org_id = ?1`,
    )
    .bind(next.organizationId, next.secretSealed, next.createdAt, next.until);
