// The event log: everything that happened, and what it started.
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonObject, jsonValue, organizationId, time } from "./columns.ts";

export const events = sqliteTable(
  "events",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    type: text("type").notNull(),
    source: text("source").notNull(),
    contactId: text("contact_id"),
    conversationId: text("conversation_id"),
    data: jsonObject("data").notNull(),
    /** What the sender's headers tell beside the body, names in lower case; null without. */
    headers: jsonObject("headers").$type<{ [name: string]: string }>(),
    occurredAt: time("occurred_at").notNull(),
    receivedAt: time("received_at").notNull(),
    /** Events that led to this one. */
    depth: integer("depth").notNull().default(0),
    /** Which workflows matched and which did not, with the reason; null while it is not processed. */
    outcome: jsonValue("outcome"),
    /** What of `data` is not as the event's type says; null when nothing is. */
    warnings: jsonValue("warnings"),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    index("events_contact")
      .on(table.organizationId, table.contactId, table.id)
      .where(sql`${table.contactId} is not null`),
    index("events_conversation")
      .on(table.organizationId, table.conversationId, table.id)
      .where(sql`${table.conversationId} is not null`),
    index("events_type").on(table.organizationId, table.type, table.id),
  ],
);
