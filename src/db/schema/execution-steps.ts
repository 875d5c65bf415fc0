// One row for each visit of a node: what lists and analytics need. Inputs, outputs and logs stay in the `Execution` object.
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const executionSteps = sqliteTable(
  "execution_steps",
  {
    organizationId: organizationId(),
    executionId: text("execution_id").notNull(),
    /** 1, 2, 3 … in the order in which visits began. */
    n: integer("n").notNull(),
    nodeId: text("node_id").notNull(),
    nodeType: text("node_type").notNull(),
    visit: integer("visit").notNull(),
    status: text("status").notNull(),
    startedAt: time("started_at").notNull(),
    endedAt: time("ended_at"),
    attempts: integer("attempts").notNull().default(0),
    error: text("error"),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.executionId, table.n] })],
);
