// Incoming webhooks: their settings. The `Webhook` object holds a copy and the window; the counts here follow by projection.
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { flag, jsonStrings, organizationId, time } from "./columns.ts";

export const webhooks = sqliteTable(
  "webhooks",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    workflowId: text("workflow_id").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** 256 bits, URL-safe. */
    token: text("token").notNull(),
    /** lib/seal.ts, field `webhooks.secret:<id>`. */
    secretSealed: text("secret_sealed").notNull(),
    enabled: flag("enabled").notNull().default(true),
    requireSignature: flag("require_signature").notNull().default(false),
    signatureScheme: text("signature_scheme").notNull().default("signalbox"),
    ipAllowlist: jsonStrings("ip_allowlist").notNull().default([]),
    rateLimitMax: integer("rate_limit_max").notNull().default(60),
    /** Seconds. */
    rateLimitWindow: integer("rate_limit_window").notNull().default(60),
    createdAt: time("created_at").notNull(),
    lastTriggeredAt: time("last_triggered_at"),
    triggerCount: integer("trigger_count").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    index("webhooks_workflow").on(table.organizationId, table.workflowId),
    // Without the organisation: the token is all that a public call brings.
    uniqueIndex("webhooks_token").on(table.token),
  ],
);
