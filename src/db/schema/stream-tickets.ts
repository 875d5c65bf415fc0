// Single-use tickets for listeners that can send no headers. A row is taken away by its use.
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonStrings, organizationId, time } from "./columns.ts";

export const streamTickets = sqliteTable(
  "stream_tickets",
  {
    organizationId: organizationId(),
    /** SHA-256 of the ticket, lower-case hex; the ticket itself is nowhere. */
    hash: text("hash").notNull(),
    workflowId: text("workflow_id").notNull(),
    userId: text("user_id").notNull(),
    username: text("username").notNull(),
    /** Null: of a person. */
    keyId: text("key_id"),
    scopes: jsonStrings("scopes"),
    /** When the credential ends that asked for it, and with it the stream; null: it has no end. */
    credentialUntil: time("credential_until"),
    expiresAt: time("expires_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.hash] }),
    // Without the organisation: a ticket is how we learn it.
    index("stream_tickets_hash").on(table.hash),
    index("stream_tickets_expires").on(table.expiresAt),
  ],
);
