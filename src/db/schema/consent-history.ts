// Every change of a contact's consent. Written by triggers on contacts only; goes with its contact.
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const consentHistory = sqliteTable(
  "consent_history",
  {
    organizationId: organizationId(),
    contactId: text("contact_id").notNull(),
    /** 1 for the first thing that was said. */
    epoch: integer("epoch").notNull(),
    state: text("state", { enum: ["OPT_IN", "OPT_OUT", "STOP"] }).notNull(),
    source: text("source"),
    actor: text("actor"),
    requestId: text("request_id"),
    at: time("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.contactId, table.epoch] })],
);
