// What an organisation wants of all its messages; the shape is domain/message/policy.ts.
export const selectPolicy = (db: D1Database, organizationId: string): D1PreparedStatement =>
  db.prepare("SELECT messaging_policy AS policy FROM organizations WHERE id = ?1").bind(organizationId);

export const updatePolicy = (db: D1Database, organizationId: string, policy: string): D1PreparedStatement =>
  db.prepare("UPDATE organizations SET messaging_policy = ?2 WHERE id = ?1").bind(organizationId, policy);
