// How many executions of a workflow are listed in each status, dry runs left out. Only triggers write here (migrations/).
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId } from "./columns.ts";

export const executionCounts = sqliteTable(
  "execution_counts",
  {
    organizationId: organizationId(),
    workflowId: text("workflow_id").notNull(),
    status: text("status").notNull(),
    n: integer("n").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.workflowId, table.status] })],
);
