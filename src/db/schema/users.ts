// Accounts that log in with a password, and the networks they logged in from. People of other issuers have no row here.
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { flag, time } from "./columns.ts";

export const users = sqliteTable(
  "users",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    username: text("username").notNull(),
    /** `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>`. PERSISTED CONTRACT (domain/identity/password.ts). */
    passwordHash: text("password_hash").notNull(),
    /** Login is refused outside development. */
    demo: flag("demo").notNull().default(false),
    createdAt: time("created_at").notNull(),
  },
  (table) => [uniqueIndex("users_username").on(table.username)],
);

/** Where a user logged in before: guessing from elsewhere can't lock them out here. Holds a hash, not the address. */
export const familiarNetworks = sqliteTable(
  "familiar_networks",
  {
    userId: integer("user_id").notNull(),
    networkHash: text("network_hash").notNull(),
    seenAt: time("seen_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.networkHash] })],
);
