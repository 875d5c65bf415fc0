// The definition that a run is pinned to. No permission is asked here: a run was permitted when it was started.
import { findVersion } from "../../db/queries/workflow-versions.ts";
import type { Definition } from "../../engine/contract.ts";
import type { Database } from "../ports.ts";

export const definitionOfVersion = async (
  db: Database,
  organizationId: string,
  versionId: string,
): Promise<Definition | null> => {
  const version = await findVersion(db, organizationId, versionId);
  return version ? (version.definition as Definition) : null;
};
