// Accounts with a password, and the networks where they were used.
import { eq } from "drizzle-orm";
import { orm } from "../d1.ts";
import { users } from "../schema.ts";

export type UserRow = typeof users.$inferSelect;

export const findUserByName = async (db: D1Database, username: string): Promise<UserRow | undefined> =>
  orm(db).select().from(users).where(eq(users.username, username)).get();

export const isFamiliarNetwork = async (db: D1Database, username: string, networkHash: string): Promise<boolean> =>
  (await db
    .prepare(
      `SELECT 1 AS yes FROM familiar_networks f JOIN users u ON u.id = f.user_id WHERE u.username = ?1 AND f.network_hash = ?2`,
    )
    .bind(username, networkHash)
    .first("yes")) !== null;

export const rememberNetwork = (db: D1Database, userId: number, networkHash: string, at: number): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO familiar_networks (user_id, network_hash, seen_at) VALUES (?1, ?2, ?3)
       ON CONFLICT DO UPDATE SET seen_at = excluded.seen_at`,
    )
    .bind(userId, networkHash, at);
