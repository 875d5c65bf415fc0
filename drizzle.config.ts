// How `drizzle-kit generate` turns src/db/schema into migrations/. Triggers, FTS5 and WITHOUT ROWID are added there by hand: see
// migrations/README.md.
import { defineConfig } from "drizzle-kit";

export default defineConfig({ dialect: "sqlite", schema: "./src/db/schema", out: "./migrations" });
