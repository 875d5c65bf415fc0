// How many contacts an organisation has, by consent, those with a number apart from the others (what nobody said counts as OPT_IN). Written by
// triggers only.
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId } from "./columns.ts";

export const contactCounts = sqliteTable(
  "contact_counts",
  {
    organizationId: organizationId(),
    consentState: text("consent_state", { enum: ["OPT_IN", "OPT_OUT", "STOP"] }).notNull(),
    /** With a number. */
    n: integer("n").notNull(),
    withoutNumber: integer("without_number").notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.consentState] })],
);
