// Cron triggers of active workflows. The `Schedule` object is the clock; this is its index.
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const schedules = sqliteTable(
  "schedules",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    workflowId: text("workflow_id").notNull(),
    nodeId: text("node_id").notNull(),
    cron: text("cron").notNull(),
    timezone: text("timezone").notNull(),
    nextAt: time("next_at"),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    index("schedules_workflow").on(table.organizationId, table.workflowId),
    // Across organisations, for the sweeper that looks for schedules whose object slept through.
    index("schedules_next").on(table.nextAt),
  ],
);
