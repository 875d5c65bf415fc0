// An organisation's own settings: how long it keeps what grows, and what its custom code may use.
import { changeCodeBudget, readCodeBudget } from "../../../domain/code-budget/change-code-budget.ts";
import { changeRetention, readRetention } from "../../../domain/retention/change-retention.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import { fromCodeBudget, fromRetention, toCodeBudget, toRetention } from "./convert.ts";
import * as schema from "./schema.ts";

const { routes, operation } = enhancedOperations();

export { routes };

operation(
  {
    method: "get",
    path: `${BASE}/organization/retention`,
    summary: "Get the retention periods",
    tag: "Organization",
    answers: { 200: schema.retention },
    errors: [...ALWAYS],
  },
  async (c) => c.json(toRetention(await readRetention(c.var.context))),
);

operation(
  {
    method: "patch",
    path: `${BASE}/organization/retention`,
    summary: "Change the retention periods",
    tag: "Organization",
    body: schema.retentionBody,
    answers: { 200: schema.retention },
    errors: [...ALWAYS],
  },
  async (c, { body }) => c.json(toRetention(await changeRetention(c.var.context, fromRetention(body)))),
);

operation(
  {
    method: "get",
    path: `${BASE}/organization/code-budget`,
    summary: "Get the budget of custom code",
    tag: "Organization",
    answers: { 200: schema.codeBudget },
    errors: [...ALWAYS],
  },
  async (c) => c.json(toCodeBudget(await readCodeBudget(c.var.context))),
);

operation(
  {
    method: "patch",
    path: `${BASE}/organization/code-budget`,
    summary: "Change the budget of custom code",
    tag: "Organization",
    body: schema.codeBudgetBody,
    answers: { 200: schema.codeBudget },
    errors: [...ALWAYS],
  },
  async (c, { body }) => c.json(toCodeBudget(await changeCodeBudget(c.var.context, fromCodeBudget(body)))),
);
