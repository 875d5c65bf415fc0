// Executions that wait for an event.
import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonValue, organizationId, time } from "./columns.ts";

export const waiters = sqliteTable(
  "waiters",
  {
    /** `execution:node:visit`. */
    key: text("key").primaryKey(),
    organizationId: organizationId(),
    eventType: text("event_type").notNull(),
    /** Only events of this contact count; null for a run without one. */
    contactId: text("contact_id"),
    executionId: text("execution_id").notNull(),
    /** The key inside the execution: `node:visit`. */
    waitKey: text("wait_key").notNull(),
    filters: jsonValue("filters"),
    /** Events that occurred before this do not count. */
    since: time("since").notNull(),
  },
  (table) => [index("waiters_event").on(table.organizationId, table.eventType, table.contactId)],
);
