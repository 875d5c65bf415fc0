// An organisation's own retention: reading it, changing it. What is too old then goes with the next round (objects/retention.ts).
import { mergeRetention, selectRetention } from "../../db/queries/retention.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { daysOf, type RetentionDays } from "./days.ts";

export const readRetention = async ({ principal, ports }: Context): Promise<RetentionDays> => {
  authorizeRole(principal, "viewer", "read");
  return daysOf(await selectRetention(ports.db, principal.organizationId));
};

/** Null: as usual again. What is not named stays. */
export const changeRetention = async (
  context: Context,
  changes: { [Name in keyof RetentionDays]?: number | null },
): Promise<RetentionDays> => {
  const { principal, ports } = context;
  authorizeRole(principal, "admin", "admin");
  const { organizationId } = principal;
  const before = daysOf(await selectRetention(ports.db, organizationId));
  await ports.db.batch([
    mergeRetention(ports.db, organizationId, changes),
    auditStatement(context, {
      action: "retention.changed",
      targetType: "organization",
      targetId: organizationId,
      details: { from: before, to: changes },
    }),
  ]);
  return daysOf(await selectRetention(ports.db, organizationId));
};
