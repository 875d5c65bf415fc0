// The index behind segments: what contacts' attributes (`a.<name>`) and tags (`c.tags`) come to, as short texts (domain/segment/facts.ts). Written by
// triggers only.
import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId } from "./columns.ts";

export const contactFacts = sqliteTable(
  "contact_facts",
  {
    organizationId: organizationId(),
    name: text("name").notNull(),
    fact: text("fact").notNull(),
    contactId: text("contact_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.name, table.fact, table.contactId] })],
);
