// What happened in an hour, all campaigns together. A message to somebody counts in the hour in which the provider accepted it, one that it
// did not accept in the hour in which it was made. Only triggers write here (migrations/).
import { integer, primaryKey, sqliteTable } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const messageActivity = sqliteTable(
  "message_activity",
  {
    organizationId: organizationId(),
    /** Epoch ms of the full hour. */
    hour: time("hour").notNull(),
    sent: integer("sent").notNull().default(0),
    /** Of the sent ones. */
    delivered: integer("delivered").notNull().default(0),
    failed: integer("failed").notNull().default(0),
    timed: integer("timed").notNull().default(0),
    timedMs: integer("timed_ms").notNull().default(0),
    inbound: integer("inbound").notNull().default(0),
    /** Inbound messages that withdrew consent. */
    optOuts: integer("opt_outs").notNull().default(0),
    /** Contacts who wrote last in this hour: those of the latest hours are who wrote at all since. */
    lastHeard: integer("last_heard").notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.hour] })],
);
