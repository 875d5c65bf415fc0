// How many executions of a workflow are listed in each status, dry runs left out. Only triggers write here (migrations/).
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const executionCounts = sqliteTable(
  "execution_counts",
  {
    organizationId: organizationId(),
    workflowId: text("workflow_id").notNull(),
    status: text("status").notNull(),
    n: integer("n").notNull(),
    /** Those that retention has taken off the lists. */
    gone: integer("gone").notNull().default(0),
    /** When the latest of them was made, epoch ms; of rows that began in this status. */
    lastAt: time("last_at"),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.workflowId, table.status] })],
);
