// Workflows as they are now: one row each, whichever API made them. Their texts are searched through workflow_search (migrations/).
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { jsonObject, jsonStrings, jsonValue, organizationId, time } from "./columns.ts";

export const workflows = sqliteTable(
  "workflows",
  {
    /** Row number: ties a row to its entry in workflow_search. */
    n: integer("n").primaryKey({ autoIncrement: true }),
    organizationId: organizationId(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    authoring: text("authoring", { enum: ["marketing", "enhanced", "core", "flow"] }).notNull(),
    status: text("status", { enum: ["draft", "active", "paused", "archived"] })
      .notNull()
      .default("draft"),
    entityId: integer("entity_id"),
    communityId: integer("community_id"),
    tags: jsonStrings("tags").notNull().default([]),
    category: text("category"),
    /** The draft; what runs is the published version's. PERSISTED CONTRACT (engine/contract.ts Definition). */
    definition: jsonObject("definition").notNull(),
    /** What the authoring API must give back exactly as it was sent. */
    wire: jsonObject("wire").notNull().default({}),
    publishedVersionId: text("published_version_id"),
    /** Of the published version: how many of its runs may be at work at a time; null: any number. */
    maxConcurrency: integer("max_concurrency"),
    /** What it declares that runs are given: VariableRow[] (domain/variable/variable.ts); null: nothing. */
    inputs: jsonValue("inputs"),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
    publishedAt: time("published_at"),
    archivedAt: time("archived_at"),
  },
  (table) => [
    uniqueIndex("workflows_id").on(table.organizationId, table.id),
    index("workflows_created").on(table.organizationId, table.createdAt),
    index("workflows_named").on(table.organizationId, sql`lower(name)`),
  ],
);
