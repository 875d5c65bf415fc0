// Which executions have visited an action of a marketing workflow (domain/marketing), by the action's node. Only triggers write here (migrations/).
import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId } from "./columns.ts";

export const executionActions = sqliteTable(
  "execution_actions",
  {
    organizationId: organizationId(),
    nodeId: text("node_id").notNull(),
    executionId: text("execution_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.nodeId, table.executionId] })],
);
