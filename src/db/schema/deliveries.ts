// Outgoing webhooks: what was sent where, and how it went. The `Delivery` object has the request itself and is the truth; this is its index.
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonObject, jsonValue, organizationId, time } from "./columns.ts";

export const deliveries = sqliteTable(
  "deliveries",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    /** Without what may be a secret. */
    url: text("url").notNull(),
    method: text("method").notNull(),
    headers: jsonObject("headers").notNull(),
    /** `webhook-id` and `Idempotency-Key` of every attempt. */
    messageId: text("message_id").notNull(),
    replayOf: text("replay_of"),
    status: text("status", { enum: ["pending", "delivered", "failed"] }).notNull(),
    /** Oldest first (domain/delivery/delivery.ts). */
    attempts: jsonValue("attempts").notNull(),
    attemptCount: integer("attempt_count").notNull().default(0),
    maxAttempts: integer("max_attempts").notNull(),
    responseStatus: integer("response_status"),
    nextAttemptAt: time("next_attempt_at"),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    completedAt: time("completed_at"),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    index("deliveries_status").on(table.organizationId, table.status, table.id),
    // Across organisations, for the sweeper that looks for deliveries whose object slept through.
    index("deliveries_next").on(table.nextAttemptAt).where(sql`status = 'pending'`),
  ],
);
