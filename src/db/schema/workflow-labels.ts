// How many workflows of an organisation have which status, and in it which category and tags: what lists count and offer. Only triggers write here
// (migrations/).
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId } from "./columns.ts";

export const workflowLabels = sqliteTable(
  "workflow_labels",
  {
    organizationId: organizationId(),
    status: text("status").notNull(),
    /** `all` counts them all, with an empty value. */
    kind: text("kind", { enum: ["all", "category", "tag"] }).notNull(),
    value: text("value").notNull(),
    n: integer("n").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.status, table.kind, table.value] })],
);
