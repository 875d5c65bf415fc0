// What a workflow's Feed reads and writes: that it is watched, which runs are under way, the workflow as it is, and who may listen.
import type { workflows } from "../schema.ts";
import type { Role } from "./organizations.ts";

type Key = { organizationId: string; workflowId: string };

/** For a query that reads a workflow anyway: until when it is watched, null as a rule. */
export const watchedUntil = (organization: string, workflow: string): string =>
  `(SELECT until FROM watches WHERE org_id = ${organization} AND workflow_id = ${workflow})`;

export const setWatch = (
  db: D1Database,
  { organizationId, workflowId }: Key,
  { until, listeners }: { until: number; listeners: number },
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO watches (org_id, workflow_id, until, listeners) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT DO UPDATE SET until = excluded.until, listeners = excluded.listeners`,
    )
    .bind(organizationId, workflowId, until, listeners);

/** Unless somebody watches again. */
export const endWatch = (db: D1Database, { organizationId, workflowId }: Key, now: number): D1PreparedStatement =>
  db
    .prepare("DELETE FROM watches WHERE org_id = ?1 AND workflow_id = ?2 AND until <= ?3")
    .bind(organizationId, workflowId, now);

/** Open streams of an organisation, as `n`. */
export const countListeners = (db: D1Database, organizationId: string, now: number): D1PreparedStatement =>
  db
    .prepare("SELECT coalesce(sum(listeners), 0) AS n FROM watches WHERE org_id = ?1 AND until > ?2")
    .bind(organizationId, now);

/** The workflow as listeners are told of it. */
export type WatchedWorkflow = Pick<typeof workflows.$inferSelect, "name" | "status" | "updatedAt"> & {
  version: number | null;
};

export const selectWatchedWorkflow = (db: D1Database, { organizationId, workflowId }: Key): D1PreparedStatement =>
  db
    .prepare(
      `SELECT w.name, w.status, w.updated_at AS updatedAt, v.number AS version FROM workflows w
       LEFT JOIN workflow_versions v ON v.org_id = w.org_id AND v.id = w.published_version_id
       WHERE w.org_id = ?1 AND w.id = ?2`,
    )
    .bind(organizationId, workflowId);

/** Runs under way, the latest first: `id`. */
export const selectOpenRuns = (
  db: D1Database,
  { organizationId, workflowId }: Key,
  limit: number,
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT id FROM (
         SELECT * FROM (SELECT id FROM executions WHERE org_id = ?1 AND workflow_id = ?2 AND status = 'running' ORDER BY id DESC LIMIT ?3)
         UNION ALL SELECT * FROM (SELECT id FROM executions WHERE org_id = ?1 AND workflow_id = ?2 AND status = 'waiting' ORDER BY id DESC LIMIT ?3)
         UNION ALL SELECT * FROM (SELECT id FROM executions WHERE org_id = ?1 AND workflow_id = ?2 AND status = 'queued' ORDER BY id DESC LIMIT ?3)
       ) ORDER BY id DESC LIMIT ?3`,
    )
    .bind(organizationId, workflowId, limit);

/** Runs with ids from `from` on, whatever became of them, the earliest first: `id`. */
export const selectRunsSince = (
  db: D1Database,
  { organizationId, workflowId }: Key,
  from: string,
  limit: number,
): D1PreparedStatement =>
  db
    .prepare("SELECT id FROM executions WHERE org_id = ?1 AND workflow_id = ?2 AND id >= ?3 ORDER BY id LIMIT ?4")
    .bind(organizationId, workflowId, from, limit);

export type ListenerRights = {
  role: Role | null;
  keyLives: boolean;
  /** Null: there is no such workflow. */
  createdBy: string | null;
  /** JSON of what they were explicitly granted. */
  grant: string | null;
};

/** In the order of `who`. */
export const listenerRights = async (
  db: D1Database,
  organizationId: string,
  workflowId: string,
  who: readonly { userId: string; keyId: string | null }[],
): Promise<ListenerRights[]> => {
  const { results } = await db
    .prepare(
      `SELECT m.role, k.id IS NOT NULL AS keyLives, w.created_by AS createdBy,
         CASE WHEN p.user_id IS NOT NULL THEN json_object('canView', json(iif(p.can_view, 'true', 'false'))) END AS "grant"
       FROM json_each(?3) AS q
       LEFT JOIN members m ON m.org_id = ?1 AND m.user_id = q.value ->> 'userId'
       LEFT JOIN api_keys k ON k.org_id = ?1 AND k.id = q.value ->> 'keyId' AND k.revoked_at IS NULL
       LEFT JOIN workflows w ON w.org_id = ?1 AND w.id = ?2
       LEFT JOIN workflow_permissions p ON p.org_id = ?1 AND p.workflow_id = ?2 AND p.user_id = q.value ->> 'userId'
       ORDER BY q.key`,
    )
    .bind(organizationId, workflowId, JSON.stringify(who))
    .all<Omit<ListenerRights, "keyLives"> & { keyLives: number }>();
  return results.map((row) => ({ ...row, keyLives: row.keyLives === 1 }));
};
