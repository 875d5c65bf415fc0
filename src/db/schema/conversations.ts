// Threads with a contact on a channel.
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const conversations = sqliteTable(
  "conversations",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    contactId: text("contact_id").notNull(),
    channel: text("channel").notNull(),
    status: text("status", { enum: ["open", "pending", "closed"] })
      .notNull()
      .default("open"),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    index("conversations_contact").on(table.organizationId, table.contactId),
  ],
);
