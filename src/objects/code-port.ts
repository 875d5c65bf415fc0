// Users' code, each snippet within its organisation's budget.
import type { ActionPorts } from "../domain/action-ports.ts";
import { budgetNow } from "../domain/code-budget/budget-now.ts";
import { databaseOf } from "../domain/database.ts";
import type { Env } from "../env.ts";
import { runSnippet } from "./run-snippet.ts";

export const codePort = (env: Env): ActionPorts["code"] => {
  const db = databaseOf(env.DB);
  return {
    run: async (organizationId, snippet) => runSnippet(snippet, await budgetNow(db, organizationId, Date.now())),
  };
};
