// What an organisation's own code may spend: reading it, changing it. Other isolates hear of a change within seconds (budget-now.ts).
import { mergeCodeBudget, selectCodeBudget } from "../../db/queries/code-budgets.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { type CodeBudget, codeBudgetOf } from "./budget.ts";
import { forgetBudget } from "./budget-now.ts";

export const readCodeBudget = async ({ principal, ports }: Context): Promise<CodeBudget> => {
  authorizeRole(principal, "viewer", "read");
  return codeBudgetOf(await selectCodeBudget(ports.db, principal.organizationId));
};

/** Null: as usual again. What is not named stays. */
export const changeCodeBudget = async (
  context: Context,
  changes: { [Name in keyof CodeBudget]?: number | null },
): Promise<CodeBudget> => {
  const { principal, ports } = context;
  authorizeRole(principal, "admin", "admin");
  const { organizationId } = principal;
  const before = codeBudgetOf(await selectCodeBudget(ports.db, organizationId));
  await ports.db.batch([
    mergeCodeBudget(ports.db, organizationId, changes),
    auditStatement(context, {
      action: "code_budget.changed",
      targetType: "organization",
      targetId: organizationId,
      details: { from: before, to: changes },
    }),
  ]);
  forgetBudget(ports.db, organizationId);
  return codeBudgetOf(await selectCodeBudget(ports.db, organizationId));
};
