// How often contacts have entered a node of a workflow whose program counts that, over all versions and beyond the runs themselves. Only triggers
// write here (migrations/), as the difference between what a run had reported and what it reports.
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId } from "./columns.ts";

export const nodeEntries = sqliteTable(
  "node_entries",
  {
    organizationId: organizationId(),
    workflowId: text("workflow_id").notNull(),
    nodeId: text("node_id").notNull(),
    n: integer("n").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.workflowId, table.nodeId] })],
);
