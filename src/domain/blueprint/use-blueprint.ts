// That a workflow is made from a blueprint: there is such a one, and it is counted in the batch that makes the workflow.
import { countUse } from "../../db/queries/blueprints.ts";
import type { Context } from "../context.ts";
import { BUILT_IN } from "./blueprint.ts";
import { openBlueprint } from "./read-blueprint.ts";

/** The statement that counts it. Throws `not_found`. */
export const useBlueprint = async (context: Context, id: string): Promise<D1PreparedStatement> => {
  const { organizationId: ownerId } = await openBlueprint(context, id);
  const used = { ownerId, blueprintId: id, isStored: ownerId !== BUILT_IN };
  return countUse(context.ports.db, used, context.principal.organizationId);
};
