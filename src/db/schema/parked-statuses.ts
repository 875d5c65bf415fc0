// Statuses that a provider told of messages that we do not know yet by its id. They are taken up when we do, and forgotten after a while.
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const parkedStatuses = sqliteTable(
  "parked_statuses",
  {
    organizationId: organizationId(),
    providerId: text("provider_id").notNull(),
    status: text("status").notNull(),
    errorCode: text("error_code"),
    errorName: text("error_name"),
    error: text("error"),
    toldAt: time("told_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.providerId, table.status] }),
    index("parked_statuses_told").on(table.organizationId, table.toldAt),
  ],
);
