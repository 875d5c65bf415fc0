// What became of the executions that were created in an hour, dry runs left out; feeds all analytics and outlives the executions. Only
// triggers write here (migrations/).
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const rollupsHourly = sqliteTable(
  "rollups_hourly",
  {
    organizationId: organizationId(),
    workflowId: text("workflow_id").notNull(),
    /** Epoch ms of the full hour in which they were created. */
    hour: time("hour").notNull(),
    started: integer("started").notNull().default(0),
    completed: integer("completed").notNull().default(0),
    failed: integer("failed").notNull().default(0),
    cancelled: integer("cancelled").notNull().default(0),
    timedOut: integer("timed_out").notNull().default(0),
    /** Of those that ended, in ms. */
    durationSum: integer("duration_sum").notNull().default(0),
    durationMax: integer("duration_max").notNull().default(0),
    /** Nodes that the ended ones visited. */
    nodes: integer("nodes").notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.workflowId, table.hour] })],
);
