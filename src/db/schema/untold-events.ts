// Events that were written with the change that they tell of, and are not in an inbox yet. Whoever wrote one takes it away once it is; what a
// crash leaves behind is told by the sweeper.
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonObject, organizationId, time } from "./columns.ts";

export const untoldEvents = sqliteTable(
  "untold_events",
  {
    organizationId: organizationId(),
    /** The event's own. */
    id: text("id").notNull(),
    /** StreamEvent. */
    event: jsonObject("event").notNull(),
    dedupeKey: text("dedupe_key").notNull(),
    createdAt: time("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    // Across organisations, for the sweeper.
    index("untold_events_created").on(table.createdAt),
  ],
);
