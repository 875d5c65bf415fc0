// Threads with a contact on a channel: one for each sender of ours that they talk to.
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const conversations = sqliteTable(
  "conversations",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    contactId: text("contact_id").notNull(),
    channel: text("channel").notNull(),
    /** The row of channels that it runs on; null for those of the operator's variables and for `inapp`. */
    channelId: text("channel_id"),
    status: text("status", { enum: ["open", "pending", "closed"] })
      .notNull()
      .default("open"),
    /** When the person last wrote in it: opens WhatsApp's 24-hour window. */
    lastInboundAt: time("last_inbound_at"),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    index("conversations_contact").on(table.organizationId, table.contactId),
  ],
);
