// Values of secret variables. Runs know them by their id only. What was a secret once keeps its row, without a value: its name is still a secret's.
import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const secretValues = sqliteTable(
  "secret_values",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    /** Whose runs may open it; null: those of every workflow of the organisation. */
    workflowId: text("workflow_id"),
    /** lib/seal.ts, field `variables.secret:<id>`. Empty: it is none any more. */
    sealed: text("sealed").notNull(),
    updatedAt: time("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.id] })],
);
