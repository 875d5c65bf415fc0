// Who did what, when. Rows are only ever added: triggers refuse updates and deletes.
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonObject, organizationId, time } from "./columns.ts";

export const audit = sqliteTable(
  "audit",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    /** `user:<id>`, `key:<id>` or `system`. */
    actor: text("actor").notNull(),
    /** `<thing>.<done>`: `workflow.published`, `api_key.revoked`, `authorization.refused`, `login.failed`. */
    action: text("action").notNull(),
    targetType: text("target_type"),
    targetId: text("target_id"),
    details: jsonObject("details"),
    requestId: text("request_id"),
    at: time("at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    index("audit_target").on(table.organizationId, table.targetType, table.targetId, table.id),
  ],
);
