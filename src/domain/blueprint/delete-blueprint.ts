// The end of a blueprint, and of what became of it. Workflows that were made from it stay, and still say so.
import { deleteBlueprint as deleteStatement } from "../../db/queries/blueprints.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { lacking, may } from "../permission.ts";
import { type Blueprint, isOwn, notYours } from "./blueprint.ts";
import { openBlueprint } from "./read-blueprint.ts";

/** Takes the role admin, or having made it. */
export const deleteBlueprint = async (context: Context, id: string): Promise<Blueprint> => {
  const blueprint = await openBlueprint(context, id);
  if (!isOwn(context, blueprint)) throw notYours();
  if (!may(context.principal, { createdBy: blueprint.createdBy }, "delete"))
    throw lacking(context.principal, "delete", "template");
  const { db } = context.ports;
  await db.batch([
    deleteStatement(db, blueprint.organizationId, id),
    auditStatement(context, {
      action: "workflow_template.deleted",
      targetType: "workflow_template",
      targetId: id,
      details: { name: blueprint.name },
    }),
  ]);
  return blueprint;
};
