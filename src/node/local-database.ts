// The local D1 before a start: migrated, and in development with the demo account of src/db/demo.sql.
// wrangler does both, a second each; this file only reads whether there is anything to do.
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Where miniflare keeps D1, below the directory of the local state. Should that move, a start takes two seconds longer and nothing breaks. */
const FILES = "v3/d1/miniflare-D1DatabaseObject/*.sqlite";

export type LocalDatabase = { migrated: boolean; seeded: boolean };

/** What stands in the database of `stateDir` (absolute), against the files of `migrationsDir`. */
export const localDatabase = (stateDir: string, migrationsDir: string): LocalDatabase => {
  const nothing = { migrated: false, seeded: false };
  const files = globSync(FILES, { cwd: stateDir }).filter((file) => basename(file) !== "metadata.sqlite");
  if (files.length !== 1) return nothing;
  try {
    const database = new DatabaseSync(join(stateDir, files[0]!), { readOnly: true });
    try {
      const applied = new Set(
        database
          .prepare("SELECT name FROM d1_migrations")
          .all()
          .map((row) => row.name),
      );
      const migrated = globSync("*.sql", { cwd: migrationsDir }).every((name) => applied.has(name));
      const seeded = database.prepare("SELECT 1 FROM users WHERE demo = 1").get() !== undefined;
      return { migrated, seeded };
    } finally {
      database.close();
    }
  } catch {
    return nothing;
  }
};
