// People we talk to, and what we were told of them. How they are reached: identities.ts.
import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonObject, jsonStrings, organizationId, time } from "./columns.ts";

export const contacts = sqliteTable(
  "contacts",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    name: text("name"),
    attributes: jsonObject("attributes").notNull().default({}),
    tags: jsonStrings("tags").notNull().default([]),
    /** IANA zone. */
    timezone: text("timezone"),
    consentState: text("consent_state", { enum: ["OPT_IN", "OPT_OUT", "STOP"] }),
    consentUpdatedAt: time("consent_updated_at"),
    /** Who said so: `api`, `twilio`, `keyword:STOP`, … */
    consentSource: text("consent_source"),
    lastReceivedAt: time("last_received_at"),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.id] })],
);
