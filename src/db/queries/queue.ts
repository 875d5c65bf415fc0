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

export const setQueueLimits = (db: D1Database, organizationId: string, queue: JsonObject | null): D1PreparedStatement =>
  db
    .prepare("UPDATE organizations SET queue = ?2 WHERE id = ?1")
    .bind(organizationId, queue === null ? null : JSON.stringify(queue));
