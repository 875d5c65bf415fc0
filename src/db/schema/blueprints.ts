// Blueprints: drawings with variables from which workflows are made (`templates` of the enhanced API; the texts of messages are in templates.ts).
// Those that come with the product are no rows: src/domain/blueprint/starters.
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { flag, jsonObject, jsonStrings, jsonValue, organizationId, time } from "./columns.ts";

export const blueprints = sqliteTable(
  "blueprints",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull(),
    category: text("category").notNull(),
    tags: jsonStrings("tags").notNull(),
    previewImage: text("preview_image"),
    /** Every organisation of this deployment sees it. */
    isPublic: flag("is_public").notNull(),
    nodeCount: integer("node_count").notNull(),
    /** Name, description, category and tags in lower case: what searches look in. */
    searchText: text("search_text").notNull(),
    /** The workflow that it was made from; only its own organisation is told. */
    workflowId: text("workflow_id"),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
    /** PERSISTED CONTRACT (domain/blueprint/blueprint.ts BlueprintVariable[]). */
    variables: jsonValue("variables").notNull(),
    /** PERSISTED CONTRACT (domain/blueprint/blueprint.ts BlueprintContent). Last: lists do not read it. */
    content: jsonObject("content").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    // Across organisations, and of public ones only: what anybody may see.
    index("blueprints_public").on(table.id).where(sql`is_public = 1`),
  ],
);
