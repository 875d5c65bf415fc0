// Texts that campaigns send. A campaign's run keeps the text it began with; the row is what the next run takes.
import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { flag, jsonStrings, organizationId, time } from "./columns.ts";

export const templates = sqliteTable(
  "templates",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    content: text("content").notNull(),
    /** Names in `content`, in the order of their first use. */
    variables: jsonStrings("variables").notNull(),
    /** The provider's id of the approved template, where free text may not go; its variables are numbered in the order of `variables`. */
    contentSid: text("content_sid"),
    isActive: flag("is_active").notNull().default(true),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.id] })],
);
