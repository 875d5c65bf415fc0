// What is left of a deleted contact that had opted out: that whoever has this address again is not to be written to. Nothing else of them is kept.
import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const suppressions = sqliteTable(
  "suppressions",
  {
    organizationId: organizationId(),
    /** Of organisation, kind and value of the identity (domain/contact/suppression.ts). */
    hash: text("hash").notNull(),
    state: text("state", { enum: ["OPT_OUT", "STOP"] }).notNull(),
    /** When they opted out. */
    at: time("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.hash] })],
);
