// Marketing workflows of which a part has changed and which are not compiled anew yet. Written with the change; whoever has compiled one takes its
// mark away, and what a crash leaves behind is compiled by the sweeper.
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const staleWorkflows = sqliteTable(
  "stale_workflows",
  {
    organizationId: organizationId(),
    /** The workflow. */
    id: text("id").notNull(),
    /** Of the latest change: a mark that came after a look outlives it. */
    token: text("token").notNull(),
    changedBy: text("changed_by").notNull(),
    createdAt: time("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    // Across organisations, for the sweeper.
    index("stale_workflows_created").on(table.createdAt),
  ],
);
