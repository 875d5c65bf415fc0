// What one member may do with one workflow, beyond or below their role; see domain/permission.ts.
import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { flag, organizationId } from "./columns.ts";

export const workflowPermissions = sqliteTable(
  "workflow_permissions",
  {
    organizationId: organizationId(),
    workflowId: text("workflow_id").notNull(),
    userId: text("user_id").notNull(),
    canView: flag("can_view").notNull(),
    canEdit: flag("can_edit").notNull(),
    canDelete: flag("can_delete").notNull(),
    canExecute: flag("can_execute").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.workflowId, table.userId] })],
);
