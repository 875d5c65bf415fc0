// Published definitions. A row never changes: executions are pinned to one (a trigger refuses updates).
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { jsonObject, organizationId, time } from "./columns.ts";

export const workflowVersions = sqliteTable(
  "workflow_versions",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    workflowId: text("workflow_id").notNull(),
    /** 1, 2, 3 … within the workflow. */
    number: integer("number").notNull(),
    /** PERSISTED CONTRACT (engine/contract.ts Definition). */
    definition: jsonObject("definition").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    uniqueIndex("workflow_versions_number").on(table.organizationId, table.workflowId, table.number),
  ],
);
