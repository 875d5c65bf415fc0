// The organisation that the variables' channels belong to (CONTRACT "Starting it"): the deployment's first. It never changes once it is there.
import { findDefaultOrganization } from "../../db/queries/default-organization.ts";
import type { Database } from "../ports.ts";

const known = new WeakMap<Database, string>();

/** Null in a deployment that nobody has used yet. One read an isolate. */
export const defaultOrganization = async (db: Database): Promise<string | null> => {
  const found = known.get(db) ?? (await findDefaultOrganization(db));
  if (found !== null) known.set(db, found);
  return found;
};
