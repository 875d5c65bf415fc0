// People we talk to, and what we were told of them. How they are reached: identities.ts. Triggers keep what follows from a row (phone, epoch and
// history of consent, counts, facts) true, whoever writes it: migrations/, "contacts".
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { flag, jsonObject, jsonStrings, organizationId, time } from "./columns.ts";

export const contacts = sqliteTable(
  "contacts",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    name: text("name"),
    /** The first of their numbers; follows from identities. */
    phone: text("phone"),
    attributes: jsonObject("attributes").notNull().default({}),
    /** `[attribute, fact]` of all attributes (domain/segment/facts.ts); the rows of contact_facts follow from it. */
    facts: text("facts").notNull().default("[]"),
    /** Set while `facts` are those of earlier attributes: somebody wrote attributes alone. */
    unsettled: flag("unsettled"),
    tags: jsonStrings("tags").notNull().default([]),
    /** IANA zone. */
    timezone: text("timezone"),
    /** Null: nobody said anything, which counts as OPT_IN where one of the three is asked for. */
    consentState: text("consent_state", { enum: ["OPT_IN", "OPT_OUT", "STOP"] }),
    /** Raised by each change of `consent_state`. */
    consentEpoch: integer("consent_epoch").notNull().default(0),
    consentUpdatedAt: time("consent_updated_at"),
    /** Who said so: `api`, `twilio`, `keyword:STOP`, … */
    consentSource: text("consent_source"),
    /** The caller who brought it: `user:1`, `key:…`; null when it was the person, or their carrier. */
    consentActor: text("consent_actor"),
    consentRequest: text("consent_request"),
    lastReceivedAt: time("last_received_at"),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    // All that a segment asks of a contact's own row.
    index("contacts_reachable")
      .on(table.organizationId, table.createdAt, table.consentState, table.phone)
      .where(sql`${table.phone} is not null`),
    index("contacts_opted_out")
      .on(table.organizationId, table.consentState, table.id)
      .where(sql`${table.consentState} in ('OPT_OUT', 'STOP')`),
    index("contacts_unsettled").on(table.organizationId, table.id).where(sql`${table.unsettled} is not null`),
  ],
);
