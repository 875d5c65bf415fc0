// The database as shells hand it to verbs: with production's limits held everywhere.
import { limitedD1 } from "../db/d1.ts";
import type { Database } from "./ports.ts";

const limited = new WeakMap<D1Database, Database>();

export const databaseOf = (db: D1Database): Database => {
  const known = limited.get(db);
  if (known) return known;
  const made = limitedD1(db);
  limited.set(db, made);
  return made;
};
