// One row for each visit of a node: what lists and analytics need. Inputs, outputs and logs stay in the `Execution` object.
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
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
    /** Of its time, waiting for time, events and retries, in ms. */
    waitMs: integer("wait_ms").notNull().default(0),
    /** Who was called: a host or a provider. */
    service: text("service"),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.executionId, table.n] }),
    // Of the actions of marketing workflows (domain/marketing): what each of them did.
    index("execution_steps_action")
      .on(table.organizationId, table.nodeId, table.executionId)
      .where(sql`node_id GLOB 'a_????????-????-????-????-????????????'`),
  ],
);
