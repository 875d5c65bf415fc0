// Incoming webhooks: their settings. The `Webhook` object holds a copy and the window; the counts here follow by projection.
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { flag, jsonStrings, jsonValue, organizationId, time } from "./columns.ts";

export const webhooks = sqliteTable(
  "webhooks",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    /** Empty: none; its events go to whoever subscribes. */
    workflowId: text("workflow_id").notNull(),
    /** Which API's public door takes its calls; it is changed there. */
    door: text("door", { enum: ["core", "enhanced"] })
      .notNull()
      .default("core"),
    /** The trigger of its workflow that it was made for. */
    triggerId: text("trigger_id"),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** Core's: 256 bits, URL-safe; the other door's: its id. */
    token: text("token").notNull(),
    /** lib/seal.ts, field `webhooks.secret:<id>`. */
    secretSealed: text("secret_sealed").notNull(),
    /** Good beside the other one until then; field `webhooks.secret:<id>` as well. */
    previousSecretSealed: text("previous_secret_sealed"),
    previousSecretUntil: time("previous_secret_until"),
    enabled: flag("enabled").notNull().default(true),
    requireSignature: flag("require_signature").notNull().default(false),
    signatureScheme: text("signature_scheme").notNull().default("signalbox"),
    ipAllowlist: jsonStrings("ip_allowlist").notNull().default([]),
    rateLimitMax: integer("rate_limit_max").notNull().default(60),
    /** Seconds. */
    rateLimitWindow: integer("rate_limit_window").notNull().default(60),
    allowedOrigins: jsonStrings("allowed_origins").notNull().default([]),
    /** A condition tree over the payload. */
    filters: jsonValue("filters"),
    /** `{language, expression}`: what becomes of the payload. */
    transform: jsonValue("transform"),
    /** What its object has counted (domain/webhook/counts.ts). */
    counts: jsonValue("counts"),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at"),
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
