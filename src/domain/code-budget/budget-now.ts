// The organisation's budget for whoever runs its code: one read in seconds, however many snippets there are.
import { selectCodeBudget } from "../../db/queries/code-budgets.ts";
import type { Database } from "../ports.ts";
import { type CodeBudget, codeBudgetOf } from "./budget.ts";

/** How old a budget may be, in ms. */
const FRESH_MS = 10_000;
const MOST_ORGANIZATIONS = 1_000;

const remembered = new WeakMap<Database, Map<string, { budget: CodeBudget; until: number }>>();

/** `now`: epoch ms. While the database does not answer, the last one known holds; throws what it threw when there is none. */
export const budgetNow = async (db: Database, organizationId: string, now: number): Promise<CodeBudget> => {
  const known = remembered.get(db) ?? new Map<string, { budget: CodeBudget; until: number }>();
  remembered.set(db, known);
  const found = known.get(organizationId);
  if (found && found.until > now) return found.budget;
  const budget = await selectCodeBudget(db, organizationId).then(codeBudgetOf, (error) => {
    if (found) return found.budget;
    throw error;
  });
  if (known.size >= MOST_ORGANIZATIONS) known.clear();
  known.set(organizationId, { budget, until: now + FRESH_MS });
  return budget;
};

/** It was changed here. */
export const forgetBudget = (db: Database, organizationId: string): void => {
  remembered.get(db)?.delete(organizationId);
};
