// Contacts that meet a condition, by name. Who they are is found when it is asked.
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonObject, organizationId, time } from "./columns.ts";

export const segments = sqliteTable(
  "segments",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** A condition tree over `attributes.*` and the contact's columns (engine/expression/condition-tree.ts). */
    condition: jsonObject("condition").notNull(),
    /** The same as its author wrote it. */
    criteria: jsonObject("criteria").notNull(),
    /** Contacts that met it when they were last counted. */
    size: integer("size").notNull(),
    countedAt: time("counted_at").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.id] })],
);
