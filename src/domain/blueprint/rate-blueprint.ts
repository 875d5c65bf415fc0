// What a person thinks of a blueprint, 1 to 5 stars: one rating each, the last counts.
import { upsertRating } from "../../db/queries/blueprints.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import type { CountedBlueprint } from "./blueprint.ts";
import { countedBlueprint, openBlueprint } from "./read-blueprint.ts";

export const rateBlueprint = async (context: Context, id: string, stars: number): Promise<CountedBlueprint> => {
  const { principal, ports } = context;
  authorizeRole(principal, "viewer", "write");
  const blueprint = await openBlueprint(context, id);
  const { db, now } = ports;
  const rating = { ownerId: blueprint.organizationId, blueprintId: id, userId: principal.userId, stars, at: now() };
  await db.batch([
    upsertRating(db, rating),
    auditStatement(context, {
      action: "workflow_template.rated",
      targetType: "workflow_template",
      targetId: id,
      details: { rating: stars },
    }),
  ]);
  return countedBlueprint(context, blueprint);
};
