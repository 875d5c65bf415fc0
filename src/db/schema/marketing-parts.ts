// What marketing workflows are made of: triggers, actions, conditions, and an organisation's own event types. Their texts are searched through
// marketing_search (migrations/).
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { flag, jsonObject, organizationId, time } from "./columns.ts";

export const marketingParts = sqliteTable(
  "marketing_parts",
  {
    /** Row number: ties a row to its entry in marketing_search. */
    n: integer("n").primaryKey({ autoIncrement: true }),
    organizationId: organizationId(),
    kind: text("kind", { enum: ["trigger", "action", "condition", "event_type"] }).notNull(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** A trigger's event type, an action's type, an event type's code; empty for a condition. */
    type: text("type").notNull().default(""),
    isActive: flag("is_active").notNull().default(true),
    /** PERSISTED CONTRACT: the rest, by kind (domain/marketing/part.ts). */
    body: jsonObject("body").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("marketing_parts_id").on(table.organizationId, table.kind, table.id),
    index("marketing_parts_type").on(table.organizationId, table.kind, table.type),
    uniqueIndex("marketing_parts_event_type").on(table.organizationId, table.type).where(sql`kind = 'event_type'`),
  ],
);
