// Every message in and out. A status never goes back (channels/status.ts has the order).
import { sql } from "drizzle-orm";
import { index, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
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
    errorCode: text("error_code"),
    error: text("error"),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
    sentAt: time("sent_at"),
    deliveredAt: time("delivered_at"),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    index("messages_contact").on(table.organizationId, table.contactId, table.id),
    uniqueIndex("messages_step").on(table.organizationId, table.stepKey).where(sql`${table.stepKey} is not null`),
    // Without the organisation: a provider's callback brings its own id only.
    index("messages_provider").on(table.providerId).where(sql`${table.providerId} is not null`),
  ],
);
