// How often contacts have entered nodes. Triggers count (migrations/); here it is read, and begun anew.

/** By node id; a node that nobody has entered is not there. */
export const readNodeEntries = async (
  db: D1Database,
  organizationId: string,
  workflowId: string,
): Promise<Map<string, number>> => {
  const { results } = await db
    .prepare("SELECT node_id AS nodeId, n FROM node_entries WHERE org_id = ?1 AND workflow_id = ?2")
    .bind(organizationId, workflowId)
    .all<{ nodeId: string; n: number }>();
  return new Map(results.map(({ nodeId, n }) => [nodeId, n]));
};

/** What was counted of a workflow until now is forgotten; runs under way are counted from here on. */
export const forgetNodeEntries = (db: D1Database, organizationId: string, workflowId: string): D1PreparedStatement =>
  db.prepare("DELETE FROM node_entries WHERE org_id = ?1 AND workflow_id = ?2").bind(organizationId, workflowId);
