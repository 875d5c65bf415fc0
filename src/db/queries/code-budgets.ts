// The organisation's own word on what its code may spend.
import type { JsonObject } from "../../lib/json.ts";

/** Null when nothing differs from the usual, and for no organisation at all. */
export const selectCodeBudget = async (db: D1Database, organizationId: string): Promise<JsonObject | null> => {
  const stored = await db
    .prepare("SELECT code_budget FROM organizations WHERE id = ?1")
    .bind(organizationId)
    .first<string | null>("code_budget");
  return stored === null ? null : (JSON.parse(stored) as JsonObject);
};

/** Null takes a name out. */
export const mergeCodeBudget = (
  db: D1Database,
  organizationId: string,
  changes: { [name: string]: number | null },
): D1PreparedStatement =>
  db
    .prepare("UPDATE organizations SET code_budget = json_patch(coalesce(code_budget, '{}'), ?2) WHERE id = ?1")
    .bind(organizationId, JSON.stringify(changes));
