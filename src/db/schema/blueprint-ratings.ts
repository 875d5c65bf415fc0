// What a person thinks of a blueprint: one row each, whichever organisation they are in. `org_id` is the blueprint's owner's. Triggers add it up
// (blueprint-tallies.ts).
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const blueprintRatings = sqliteTable(
  "blueprint_ratings",
  {
    organizationId: organizationId(),
    blueprintId: text("blueprint_id").notNull(),
    userId: text("user_id").notNull(),
    /** 1 to 5. */
    stars: integer("stars").notNull(),
    ratedAt: time("rated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.blueprintId, table.userId] })],
);
