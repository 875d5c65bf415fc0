// What became of the messages to people that were created in an hour or a day, or for a campaign; feeds every report and outlives the messages.
// Only triggers write here (migrations/).
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

/** Messages by status: `{"delivered": 3, …}`. */
const counts = (name: string) => text(name, { mode: "json" }).$type<Record<string, number>>().notNull().default({});

export const messageRollups = sqliteTable(
  "message_rollups",
  {
    organizationId: organizationId(),
    /** Of one campaign, by hours and in all; '' for all messages of the organisation, by hours and days. */
    campaignId: text("campaign_id").notNull(),
    /** Hours that the row covers: 1 or 24; 0 for all time. */
    span: integer("span").notNull(),
    /** Epoch ms; full hours or days, UTC; 0 for all time. */
    start: time("start").notNull(),
    /** Of messages that are there. */
    counts: counts("counts"),
    /** Of messages that were deleted, with the status that they had. */
    gone: counts("gone"),
    /** Accepted by the provider, whatever came later; deleted ones included. */
    sent: integer("sent").notNull().default(0),
    sentGone: integer("sent_gone").notNull().default(0),
    /** Delivered ones of which both times are known, and their time from accepted to delivered in ms; deleted ones included. */
    timed: integer("timed").notNull().default(0),
    timedMs: integer("timed_ms").notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.campaignId, table.span, table.start] })],
);
