// What became of a blueprint, added up. `org_id` is its owner's, also of those that come with the product. Only triggers write here (migrations/):
// a count is what was done, never what somebody says.
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId } from "./columns.ts";

export const blueprintTallies = sqliteTable(
  "blueprint_tallies",
  {
    organizationId: organizationId(),
    blueprintId: text("blueprint_id").notNull(),
    /** Workflows that were made from it. */
    uses: integer("uses").notNull().default(0),
    /** Organisations that made one, its own left out. */
    organizations: integer("organizations").notNull().default(0),
    /** People who rated it, and the sum of what they gave. */
    ratings: integer("ratings").notNull().default(0),
    stars: integer("stars").notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.blueprintId] })],
);
