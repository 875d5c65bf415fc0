// One message to everybody in a segment. The row says what is wanted (status) and shows how it went; who got it and who is still to get it is
// the `Campaign` object's, and every message is a row of messages.
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const campaigns = sqliteTable(
  "campaigns",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    status: text("status", {
      enum: ["draft", "scheduled", "running", "paused", "completed", "failed", "cancelled"],
    }).notNull(),
    templateId: text("template_id").notNull(),
    segmentId: text("segment_id").notNull(),
    /** A channel's kind or id; null: the organisation's first on which the contact has an address. */
    channel: text("channel"),
    scheduleTime: time("schedule_time"),
    /** Messages a second over all of the campaign; null: the sender's own rate. */
    rate: integer("rate"),
    /** `HH:MM` on the recipient's clock; both or neither. */
    quietStart: text("quiet_start"),
    quietEnd: text("quiet_end"),
    /** What becomes of a message of which nobody knows whether it was sent, and of which the provider has no trace. */
    onUnknown: text("on_unknown", { enum: ["park", "resend"] })
      .notNull()
      .default("park"),
    /** Contacts in the segment when the run started; null before. */
    recipients: integer("recipients"),
    /** Why it failed, or was paused by itself. */
    error: text("error"),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
    startedAt: time("started_at"),
    /** When it was completed, failed or was cancelled. */
    endedAt: time("ended_at"),
    /** When its object will have woken; the sweeper looks after who is late. */
    nextWakeAt: time("next_wake_at"),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    index("campaigns_status").on(table.organizationId, table.status, table.id),
    // Across organisations, for the sweeper.
    index("campaigns_wake").on(table.nextWakeAt).where(sql`${table.nextWakeAt} is not null`),
  ],
);
