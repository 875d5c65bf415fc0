// How many workflows an organisation has made from a blueprint. `org_id` is the blueprint's owner's. Triggers add it up (blueprint-tallies.ts).
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId } from "./columns.ts";

export const blueprintUses = sqliteTable(
  "blueprint_uses",
  {
    organizationId: organizationId(),
    blueprintId: text("blueprint_id").notNull(),
    /** The organisation that made them. */
    usedBy: text("used_by").notNull(),
    n: integer("n").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.blueprintId, table.usedBy] })],
);
