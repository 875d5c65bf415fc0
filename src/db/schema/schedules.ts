// Schedule triggers of active workflows. The `Schedule` object is the clock; this is its index.
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const schedules = sqliteTable(
  "schedules",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    workflowId: text("workflow_id").notNull(),
    nodeId: text("node_id").notNull(),
    /** Empty when it is none. */
    cron: text("cron").notNull(),
    timezone: text("timezone").notNull(),
    /** Once, at this time. */
    at: time("at"),
    everyMs: integer("every_ms"),
    /** Since when these terms are wanted; null: nobody knows. */
    since: time("since"),
    nextAt: time("next_at"),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    index("schedules_workflow").on(table.organizationId, table.workflowId),
    // Across organisations, for the sweeper that looks for schedules whose object slept through.
    index("schedules_next").on(table.nextAt),
  ],
);
