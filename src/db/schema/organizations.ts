// Tenants.
import { sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { jsonObject, time } from "./columns.ts";

export const organizations = sqliteTable(
  "organizations",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    /** The user whose own organisation this is (made at their first use); null for any other. */
    personalFor: text("personal_for"),
    /** Days that differ from the usual ones. PERSISTED CONTRACT (domain/retention/days.ts); null: none. */
    retention: jsonObject("retention"),
    /** MessagingPolicy (domain/message/policy.ts); null: none. */
    messagingPolicy: jsonObject("messaging_policy"),
    /** What differs from the usual limits of its queue. PERSISTED CONTRACT (domain/queue/limits.ts); null: nothing. */
    queue: jsonObject("queue"),
    /** What its code may spend where that differs from the usual. PERSISTED CONTRACT (domain/code-budget/budget.ts); null: none. */
    codeBudget: jsonObject("code_budget"),
    /** When its global variables were changed last; null: it has none. */
    variablesAt: time("variables_at"),
    createdAt: time("created_at").notNull(),
  },
  (table) => [uniqueIndex("organizations_personal_for").on(table.personalFor)],
);
