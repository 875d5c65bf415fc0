// Addresses and outside ids by which a contact is known; each leads to one contact of an organisation.
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId } from "./columns.ts";

export const identities = sqliteTable(
  "identities",
  {
    organizationId: organizationId(),
    kind: text("kind", { enum: ["phone", "whatsapp_bsuid", "email", "external_id"] }).notNull(),
    /** Canonical: E.164, lower case, … */
    value: text("value").notNull(),
    contactId: text("contact_id").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.kind, table.value] }),
    index("identities_contact").on(table.organizationId, table.contactId),
  ],
);
