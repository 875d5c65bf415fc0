// The organisation that the variables' channels belong to: the deployment's first.
export const findDefaultOrganization = async (db: D1Database): Promise<string | null> =>
  db.prepare("SELECT id FROM organizations ORDER BY created_at, id LIMIT 1").first<string>("id");
