// How many contacts with a number an organisation has, by consent (what nobody said counts as OPT_IN). Written by triggers only.
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId } from "./columns.ts";

export const contactCounts = sqliteTable(
  "contact_counts",
  {
    organizationId: organizationId(),
    consentState: text("consent_state", { enum: ["OPT_IN", "OPT_OUT", "STOP"] }).notNull(),
    n: integer("n").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.consentState] })],
);
