// Global variables of an organisation, and the sealed values of secret ones.
import { and, asc, eq, sql } from "drizzle-orm";
import { orm, statementOf, wasAborted } from "../d1.ts";
import { globalVariables, organizations, secretValues } from "../schema.ts";

export type GlobalVariableRow = typeof globalVariables.$inferSelect;

/** For a query that reads a workflow anyway: when its organisation's variables changed last, null as a rule. */
export const variablesAt = (organization: string): string =>
  `(SELECT o.variables_at FROM organizations o WHERE o.id = ${organization})`;

/** By name. */
export const listGlobals = (db: D1Database, organizationId: string): Promise<GlobalVariableRow[]> =>
  orm(db)
    .select()
    .from(globalVariables)
    .where(eq(globalVariables.organizationId, organizationId))
    .orderBy(asc(globalVariables.name))
    .all();

export const findGlobal = (
  db: D1Database,
  organizationId: string,
  name: string,
): Promise<GlobalVariableRow | undefined> =>
  orm(db)
    .select()
    .from(globalVariables)
    .where(and(eq(globalVariables.organizationId, organizationId), eq(globalVariables.name, name)))
    .get();

export const upsertGlobal = (db: D1Database, row: GlobalVariableRow): D1PreparedStatement => {
  const { organizationId: _, name: __, createdBy: ___, createdAt: ____, ...change } = row;
  return statementOf(
    db,
    orm(db)
      .insert(globalVariables)
      .values(row)
      .onConflictDoUpdate({ target: [globalVariables.organizationId, globalVariables.name], set: change }),
  );
};

export const deleteGlobal = (db: D1Database, organizationId: string, name: string): D1PreparedStatement =>
  statementOf(
    db,
    orm(db)
      .delete(globalVariables)
      .where(and(eq(globalVariables.organizationId, organizationId), eq(globalVariables.name, name))),
  );

/** Runs that start from now on take them as they are now. Always later than before. */
export const touchGlobals = (db: D1Database, organizationId: string, at: number): D1PreparedStatement =>
  statementOf(
    db,
    orm(db)
      .update(organizations)
      .set({ variablesAt: sql`max(${at}, coalesce(${organizations.variablesAt}, 0) + 1)` })
      .where(eq(organizations.id, organizationId)),
  );

/** When any of them changed last, epoch ms; null: never. */
export const findVariablesAt = (db: D1Database, organizationId: string): Promise<number | null> =>
  db.prepare("SELECT variables_at FROM organizations WHERE id = ?1").bind(organizationId).first<number>("variables_at");

/** Fails its batch when any of the organisation's variables is no longer as it was at `at`. */
export const refuseChangedGlobals = (db: D1Database, organizationId: string, at: number | null): D1PreparedStatement =>
  db.prepare("UPDATE organizations SET name = NULL WHERE id = ?1 AND variables_at IS NOT ?2").bind(organizationId, at);

/** True when `refuseChangedGlobals` failed the batch. */
export const areGlobalsChangedMeanwhile = (error: unknown): boolean =>
  wasAborted(error, "NOT NULL constraint failed: organizations.name");

export const putSecret = (db: D1Database, row: typeof secretValues.$inferInsert): D1PreparedStatement =>
  statementOf(
    db,
    orm(db)
      .insert(secretValues)
      .values(row)
      .onConflictDoUpdate({
        target: [secretValues.organizationId, secretValues.id],
        set: { sealed: row.sealed, updatedAt: row.updatedAt },
      }),
  );

/** Its row stays, so that its name in a run that is under way is told apart from a text that merely looks so. */
export const deleteSecret = (db: D1Database, organizationId: string, id: string): D1PreparedStatement =>
  statementOf(
    db,
    orm(db)
      .update(secretValues)
      .set({ sealed: "" })
      .where(and(eq(secretValues.organizationId, organizationId), eq(secretValues.id, id))),
  );

export type SecretRow = Pick<typeof secretValues.$inferSelect, "id" | "workflowId" | "sealed">;

export const listSecrets = (
  db: D1Database,
  organizationId: string,
  ids: readonly string[],
): Promise<{ results: SecretRow[] }> =>
  db
    .prepare(
      `SELECT id, workflow_id AS workflowId, sealed FROM secret_values
       WHERE org_id = ?1 AND id IN (SELECT value FROM json_each(?2))`,
    )
    .bind(organizationId, JSON.stringify(ids))
    .all<SecretRow>();
