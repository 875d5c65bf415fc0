// Who belongs to which organisation, as what. Only these rows make members; a token never does. A trigger keeps an owner in each.
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const members = sqliteTable(
  "members",
  {
    organizationId: organizationId(),
    userId: text("user_id").notNull(),
    role: text("role", { enum: ["viewer", "operator", "editor", "admin", "owner"] }).notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.userId] }),
    // The one index that starts with the person: a caller's own list of organisations.
    index("members_user").on(table.userId),
  ],
);
