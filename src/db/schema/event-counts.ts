// How many events an organisation had on a day (UTC); outlives them. Only a trigger writes here (migrations/).
import { integer, primaryKey, sqliteTable } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const eventCounts = sqliteTable(
  "event_counts",
  {
    organizationId: organizationId(),
    /** Epoch ms of the beginning of the day on which they were received. */
    day: time("day").notNull(),
    n: integer("n").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.day] })],
);
