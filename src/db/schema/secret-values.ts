// Values of secret variables. Runs know them by their id only.
import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const secretValues = sqliteTable(
  "secret_values",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    /** lib/seal.ts, field `variables.secret:<id>`. */
    sealed: text("sealed").notNull(),
    updatedAt: time("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.id] })],
);
