// Workflows whose live stream somebody listens to, or listened to a moment ago. An unwatched workflow has no row, so whoever reads it along pays
// nothing. Written by the workflow's Feed object alone.
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const watches = sqliteTable(
  "watches",
  {
    organizationId: organizationId(),
    workflowId: text("workflow_id").notNull(),
    /** Runs that start before this time (epoch ms) tell the Feed of their steps. */
    until: time("until").notNull(),
    /** Open streams. */
    listeners: integer("listeners").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.workflowId] })],
);
