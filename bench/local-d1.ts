// A database of one's own with all migrations, for benches that count what a query reads.
import { join, resolve } from "node:path";
import { readD1Migrations } from "@cloudflare/vitest-plugin";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";

/** In memory, gone with `close`. */
export const openLocalD1 = async (name: string): Promise<{ db: D1Database; close: () => Promise<void> }> => {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: "export default { fetch: () => new Response() }",
      compatibilityDate: "2026-10-20",
      d1Databases: { DB: name },
      cf: false,
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  );
  const db = (await miniflare.getD1Database("DB")) as unknown as D1Database;
  for (const { queries } of await readD1Migrations(join(resolve(import.meta.dirname, ".."), "migrations"))) {
    await db.batch(queries.map((query) => db.prepare(query)));
  }
  return { db, close: () => miniflare.dispose() };
};
