// The limits of an organisation's queue and of its workflows, as they are now.
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";

const objectOf = (text: string | null | undefined): JsonObject | null => {
  const value: Json = text ? JSON.parse(text) : null;
  return isJsonObject(value) ? value : null;
};

/** For a query that reads a workflow anyway: its organisation's limits as JSON text, null as a rule. */
export const queueOf = (organization: string): string =>
  `(SELECT o.queue FROM organizations o WHERE o.id = ${organization})`;

/** `workflows`: of those that were ever published, by id. One round trip. */
export const readLimits = async (
  db: D1Database,
  organizationId: string,
  workflowIds: readonly string[],
): Promise<{ queue: JsonObject | null; workflows: Map<string, number | null> }> => {
  const [organization, rows] = await db.batch([
    db.prepare("SELECT queue FROM organizations WHERE id = ?1").bind(organizationId),
    db
      .prepare(
        `SELECT id, max_concurrency AS max FROM workflows WHERE org_id = ?1 AND published_version_id IS NOT NULL
           AND id IN (SELECT value FROM json_each(?2))`,
      )
      .bind(organizationId, JSON.stringify(workflowIds)),
  ]);
  const [row] = organization!.results as { queue: string | null }[];
  const workflows = rows!.results as { id: string; max: number | null }[];
  return { queue: objectOf(row?.queue), workflows: new Map(workflows.map(({ id, max }) => [id, max])) };
};

/** JSON text of organizations.queue. */
export const findQueueLimits = async (db: D1Database, organizationId: string): Promise<JsonObject | null> => {
  const row = await db
    .prepare("SELECT queue FROM organizations WHERE id = ?1")
    .bind(organizationId)
    .first<{ queue: string | null }>();
  return objectOf(row?.queue);
};

/** Null takes a name out; without any there is nothing to ask. */
export const mergeQueueLimits = (
  db: D1Database,
  organizationId: string,
  changes: { [name: string]: number | null },
): D1PreparedStatement =>
  db
    .prepare("UPDATE organizations SET queue = nullif(json_patch(coalesce(queue, '{}'), ?2), '{}') WHERE id = ?1")
    .bind(organizationId, JSON.stringify(changes));

/** How the index follows what happens, by the runs that were written last. Null: there are none. */
export type Following = {
  /** From an event to the start of its run, and from the end of a run to its row; means, in ms. */
  startLagMs: number | null;
  reportLagMs: number | null;
  startedAt: number | null;
  reportedAt: number | null;
  /** Of the last five minutes. */
  started: number;
  reported: number;
};

const SAMPLE = 200;
export const FOLLOWED_MS = 300_000;

/** Runs that waited for a slot, for a time or for a person say nothing of the queues. */
export const readFollowing = async (db: D1Database, organizationId: string, now: number): Promise<Following> => {
  const row = await db
    .prepare(
      `SELECT avg(started_at - created_at) FILTER (WHERE is_event) AS startLagMs, max(started_at) FILTER (WHERE is_event) AS startedAt,
         count(*) FILTER (WHERE is_event AND started_at >= ?2) AS started,
         avg(max(0, updated_at - ended_at)) FILTER (WHERE ended_at IS NOT NULL) AS reportLagMs, max(updated_at) AS reportedAt,
         count(*) FILTER (WHERE updated_at >= ?2) AS reported
       FROM (
         SELECT x.started_at, x.created_at, x.ended_at, x.updated_at,
           x.started_at IS NOT NULL AND x.scheduled_at IS NULL AND x.retry_of IS NULL AND x.trigger_type <> 'MANUAL_TRIGGER'
             AND w.max_concurrency IS NULL AND o.queue ->> '$.maxConcurrency' IS NULL AS is_event
         FROM executions x JOIN organizations o ON o.id = x.org_id
         LEFT JOIN workflows w ON w.org_id = x.org_id AND w.id = x.workflow_id
         WHERE x.org_id = ?1 AND x.seq > 0 ORDER BY x.id DESC LIMIT ${SAMPLE}
       )`,
    )
    .bind(organizationId, now - FOLLOWED_MS)
    .first<Following>();
  return row!;
};

/** Names of workflows, by id. */
export const namesOf = async (
  db: D1Database,
  organizationId: string,
  workflowIds: readonly string[],
): Promise<Map<string, string>> => {
  const { results } = await db
    .prepare("SELECT id, name FROM workflows WHERE org_id = ?1 AND id IN (SELECT value FROM json_each(?2))")
    .bind(organizationId, JSON.stringify(workflowIds))
    .all<{ id: string; name: string }>();
  return new Map(results.map(({ id, name }) => [id, name]));
};
