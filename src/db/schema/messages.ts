// Every message in and out. A status never goes back (channels/status.ts has the order).
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { jsonObject, organizationId, time } from "./columns.ts";

export const messages = sqliteTable(
  "messages",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    contactId: text("contact_id").notNull(),
    conversationId: text("conversation_id"),
    direction: text("direction", { enum: ["inbound", "outbound"] }).notNull(),
    channel: text("channel").notNull(),
    /** The row of channels that it takes; null for those of the operator's variables and for `inapp`. */
    channelId: text("channel_id"),
    sender: text("sender").notNull(),
    recipient: text("recipient").notNull(),
    body: text("body").notNull().default(""),
    /** What is not text: media, buttons, a template's id and variables. */
    content: jsonObject("content"),
    status: text("status").notNull(),
    /** The provider's id of it. */
    providerId: text("provider_id"),
    executionId: text("execution_id"),
    /** `execution:node:visit` of the step that sends it: one message a step, whatever is retried. */
    stepKey: text("step_key"),
    /** The campaign that sends it; its step key is then `campaign:<campaign>:<contact>`. */
    campaignId: text("campaign_id"),
    /** The contact's consent epoch when it was planned: a later change makes it void. */
    consentEpoch: integer("consent_epoch"),
    /** GateReport (domain/message/gates.ts) of what holds it back, or has suppressed it. */
    gates: jsonObject("gates"),
    /** Earliest time of one that is held back. */
    holdUntil: time("hold_until"),
    /** SMS that it became; counted by us until the provider says. */
    segments: integer("segments"),
    /** What an inbound message says about consent: by a word that stands alone, or as the provider understood it. */
    consent: text("consent", { enum: ["opt_out", "opt_in", "help"] }),
    errorCode: text("error_code"),
    /** The provider's own name for the code. */
    errorName: text("error_name"),
    error: text("error"),
    /** What contradicts its status: a failure told of a message that was delivered, or the other way round. */
    conflict: jsonObject("conflict"),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
    sentAt: time("sent_at"),
    deliveredAt: time("delivered_at"),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    index("messages_contact").on(table.organizationId, table.contactId, table.id),
    uniqueIndex("messages_step").on(table.organizationId, table.stepKey).where(sql`${table.stepKey} is not null`),
    index("messages_unknown")
      .on(table.organizationId, table.id)
      .where(sql`${table.errorCode} = 'UNKNOWN_OUTCOME' and ${table.providerId} is null`),
    index("messages_created").on(table.organizationId, table.direction, table.createdAt, table.id),
    index("messages_status")
      .on(table.organizationId, table.status, table.createdAt, table.id)
      .where(sql`${table.direction} = 'outbound'`),
    index("messages_campaign_created")
      .on(table.organizationId, table.campaignId, table.createdAt, table.id)
      .where(sql`${table.campaignId} is not null`),
    index("messages_campaign")
      .on(table.organizationId, table.campaignId, table.status, table.createdAt, table.id)
      .where(sql`${table.campaignId} is not null`),
    // Without the organisation: a provider's callback brings its own id only.
    index("messages_provider").on(table.providerId).where(sql`${table.providerId} is not null`),
  ],
);
