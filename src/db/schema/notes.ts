// Notes that people and workflows leave on a contact.

import { sql } from "drizzle-orm";
import { index, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const notes = sqliteTable(
  "notes",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    contactId: text("contact_id").notNull(),
    body: text("body").notNull(),
    /** User id, or `execution:<id>`. */
    createdBy: text("created_by").notNull(),
    /** `execution:node:visit` of the step that wrote it: a retried step writes one note. */
    stepKey: text("step_key"),
    createdAt: time("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    index("notes_contact").on(table.organizationId, table.contactId, table.id),
    uniqueIndex("notes_step").on(table.organizationId, table.stepKey).where(sql`${table.stepKey} is not null`),
  ],
);
