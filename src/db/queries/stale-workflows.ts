// Marks of workflows that a part's change has made stale, until they are compiled anew.
import { USERS } from "./marketing-joins.ts";

export type StaleWorkflow = { organizationId: string; id: string; token: string; changedBy: string };

/** Of all workflows that have the part. */
export const markStale = (
  db: D1Database,
  kind: keyof typeof USERS,
  part: { organizationId: string; id: string },
  mark: { token: string; changedBy: string; at: number },
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO stale_workflows (org_id, id, token, changed_by, created_at)
       SELECT DISTINCT ?1, workflow_id, ?3, ?4, ?5 FROM (${USERS[kind]}) WHERE true
       ON CONFLICT DO UPDATE SET token = excluded.token, changed_by = excluded.changed_by, created_at = excluded.created_at`,
    )
    .bind(part.organizationId, part.id, mark.token, mark.changedBy, mark.at);

export const findMark = (db: D1Database, organizationId: string, id: string): Promise<string | null> =>
  db.prepare("SELECT token FROM stale_workflows WHERE org_id = ?1 AND id = ?2").bind(organizationId, id).first("token");

/** Unless it was marked again. */
export const removeMark = (
  db: D1Database,
  { organizationId, id, token }: Pick<StaleWorkflow, "organizationId" | "id" | "token">,
): D1PreparedStatement =>
  db
    .prepare("DELETE FROM stale_workflows WHERE org_id = ?1 AND id = ?2 AND token = ?3")
    .bind(organizationId, id, token);

/** The oldest that were marked before `before`. */
export const findStale = async (db: D1Database, before: number, limit: number): Promise<StaleWorkflow[]> => {
  const { results } = await db
    .prepare(
      `SELECT org_id AS organizationId, id, token, changed_by AS changedBy FROM stale_workflows WHERE created_at < ?1
       ORDER BY created_at LIMIT ?2`,
    )
    .bind(before, limit)
    .all<StaleWorkflow>();
  return results;
};

/** As if it had been marked at `at`. */
export const postponeStale = (
  db: D1Database,
  { organizationId, id, token }: Pick<StaleWorkflow, "organizationId" | "id" | "token">,
  at: number,
): D1PreparedStatement =>
  db
    .prepare("UPDATE stale_workflows SET created_at = ?4 WHERE org_id = ?1 AND id = ?2 AND token = ?3")
    .bind(organizationId, id, token, at);
