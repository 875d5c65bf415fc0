// API keys: only the SHA-256 of a key is kept. A key acts as the member who made it, within its scopes.
import { primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { jsonStrings, organizationId, time } from "./columns.ts";

export const apiKeys = sqliteTable(
  "api_keys",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    /** First characters of the key, for people to tell keys apart. */
    prefix: text("prefix").notNull(),
    hash: text("hash").notNull(),
    /** Null: all that the maker's role allows. */
    scopes: jsonStrings("scopes"),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    /** Within a minute of the truth. */
    lastUsedAt: time("last_used_at"),
    revokedAt: time("revoked_at"),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    // The one index without the organisation: a key is how we learn it.
    uniqueIndex("api_keys_hash").on(table.hash),
  ],
);
