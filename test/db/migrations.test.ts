// The migrated database and src/db/schema say the same, and what only SQL can say is there.
import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { is, SQL } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import { describe, expect, it } from "vitest";
import * as schema from "../../src/db/schema.ts";

const { DB, EVERY_MIGRATION } = env as unknown as { DB: D1Database; EVERY_MIGRATION: D1Migration[] };
const all = async <T>(sql: string): Promise<T[]> => (await DB.prepare(sql).all<T>()).results;

const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name);

type Column = { name: string; type: string; notnull: number; dflt_value: string | null; pk: number };
type Index = { name: string; unique: number; origin: string; partial: number };

const tables = Object.values(schema).filter((value) => is(value, SQLiteTable));
const literal = (value: unknown): string => {
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return `'${value}'`;
  return typeof value === "object" ? `'${JSON.stringify(value)}'` : String(value);
};

describe.each(tables.map((table) => ({ table, name: getTableConfig(table).name })))(
  "table $name",
  ({ table, name }) => {
    const config = getTableConfig(table);
    const composite = config.primaryKeys[0]?.columns.map((column) => column.name) ?? [];

    it("has the schema's columns", async () => {
      const found = await all<Column>(`SELECT * FROM pragma_table_info('${name}')`);
      // A column that was added later stands last in SQL, wherever the schema has it.
      const expected = config.columns
        .map((column) => ({
          name: column.name,
          type: column.getSQLType().toUpperCase(),
          notnull: column.notNull ? 1 : 0,
          dflt_value: column.default === undefined ? null : literal(column.default),
          pk: column.primary ? 1 : composite.indexOf(column.name) + 1,
        }))
        .sort(byName);
      expect(
        found
          .map(({ name, type, notnull, dflt_value, pk }) => ({
            name,
            type: type.toUpperCase(),
            notnull,
            dflt_value,
            pk,
          }))
          .sort(byName),
      ).toEqual(expected);
    });

    it("has the schema's indexes", async () => {
      const found = (await all<Index>(`SELECT * FROM pragma_index_list('${name}')`)).filter(
        ({ origin }) => origin === "c",
      );
      const columns = new Map<string, string[]>();
      for (const index of found) {
        columns.set(
          index.name,
          (await all<{ name: string | null }>(`SELECT name FROM pragma_index_info('${index.name}')`)).map(
            (column) => column.name ?? "?",
          ),
        );
      }
      expect(
        found
          .map((index) => ({
            name: index.name,
            unique: index.unique === 1,
            partial: index.partial === 1,
            columns: columns.get(index.name),
          }))
          .sort(byName),
      ).toEqual(
        config.indexes
          .map(({ config: { name: indexName, unique, where, columns } }) => ({
            name: indexName,
            unique,
            partial: where !== undefined,
            columns: columns.map((column) => (is(column, SQL) ? "?" : column.name)),
          }))
          .sort(byName),
      );
    });

    it("has no row ids beside a composite key", async () => {
      const [row] = await all<{ wr: number }>(`SELECT wr FROM pragma_table_list WHERE name = '${name}'`);
      expect(row!.wr).toBe(composite.length > 0 ? 1 : 0);
    });
  },
);

describe("the database", () => {
  it("has no table that the schema does not know", async () => {
    const found = await all<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'd1_*' AND name NOT GLOB '*_search*'",
    );
    expect(found.map(({ name }) => name).sort()).toEqual(tables.map((table) => getTableConfig(table).name).sort());
  });

  it("starts every index with the organisation, but for the few that say why not", async () => {
    const across = [
      "blueprints_public",
      "members_user",
      "api_keys_hash",
      "webhooks_token",
      "schedules_next",
      "campaigns_wake",
      "deliveries_next",
      "channels_inbound",
      "stale_workflows_created",
      "untold_events_created",
      "executions_wake",
      "messages_provider",
      "organizations_personal_for",
      "stream_tickets_expires",
      "stream_tickets_hash",
      "users_username",
    ];
    const first = await all<{ index: string; column: string }>(
      `SELECT i.name AS 'index', c.name AS 'column' FROM sqlite_master i, pragma_index_info(i.name) c WHERE i.type = 'index' AND i.sql IS NOT NULL AND c.seqno = 0`,
    );
    expect(
      first
        .filter(({ column }) => column !== "org_id")
        .map(({ index }) => index)
        .sort(),
    ).toEqual(across.sort());
  });

  it("has every trigger that the migrations were written for", async () => {
    const found = await all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name");
    expect(found.map(({ name }) => name)).toEqual([
      "audit_fixed",
      "audit_kept",
      "blueprint_ratings_changed",
      "blueprint_ratings_given",
      "blueprint_uses_begun",
      "blueprint_uses_counted",
      "blueprints_forgotten",
      "contacts_consent_changed",
      "contacts_consent_forgotten",
      "contacts_consent_given",
      "contacts_counted",
      "contacts_facts_changed",
      "contacts_facts_forgotten",
      "contacts_facts_new",
      "contacts_facts_unsettled",
      "contacts_facts_unsettled_new",
      "contacts_heard",
      "contacts_heard_first",
      "contacts_phone_of_new",
      "contacts_recounted",
      "contacts_tags_changed",
      "contacts_tags_new",
      "contacts_uncounted",
      "contacts_unheard",
      "events_counted",
      "executions_acted",
      "executions_acted_again",
      "executions_acts_forgotten",
      "executions_counted",
      "executions_entries_counted",
      "executions_entries_recounted",
      "executions_failed",
      "executions_failing",
      "executions_fixed",
      "executions_rolled_up",
      "executions_rolled_up_again",
      "executions_status_counted",
      "executions_uncounted",
      "identities_phone_added",
      "identities_phone_removed",
      "marketing_search_delete",
      "marketing_search_insert",
      "marketing_search_update",
      "members_owner_demoted",
      "members_owner_leaves",
      "messages_acted",
      "messages_acted_on",
      "messages_failed",
      "messages_failing",
      "messages_fixed",
      "messages_gone",
      "messages_moved",
      "messages_of_run_ended",
      "messages_of_run_told_ended",
      "messages_received",
      "messages_rolled_up",
      "workflow_search_delete",
      "workflow_search_insert",
      "workflow_search_update",
      "workflow_versions_fixed",
      "workflows_labelled",
      "workflows_relabelled",
      "workflows_unlabelled",
    ]);
  });
});

describe("workflow search", () => {
  const put = (id: string, name: string, description: string) =>
    DB.prepare(
      `INSERT INTO workflows (org_id, id, name, description, authoring, definition, created_by, created_at, updated_at)
       VALUES ('o', ?1, ?2, ?3, 'core', '{}', 'u', 1, 1)`,
    )
      .bind(id, name, description)
      .run();
  const search = async (text: string) =>
    (
      await DB.prepare(
        "SELECT w.id FROM workflow_search s JOIN workflows w ON w.n = s.rowid WHERE workflow_search MATCH ?1 ORDER BY w.id",
      )
        .bind(`"${text.replaceAll('"', '""')}"`)
        .all<{ id: string }>()
    ).results.map(({ id }) => id);

  it("finds any part of a name or description, and follows changes", async () => {
    await put("a", "Welcome flow", "greets café visitors");
    await put("b", "Farewell", "says goodbye");
    expect(await search("elco")).toEqual(["a"]);
    expect(await search("CAFE")).toEqual(["a"]);
    expect(await search("well")).toEqual(["b"]);
    await DB.exec("UPDATE workflows SET name = 'Greeting' WHERE id = 'a'");
    expect(await search("elco")).toEqual([]);
    expect(await search("greet")).toEqual(["a"]);
    await DB.exec("UPDATE workflows SET status = 'active' WHERE id = 'a'");
    expect(await search("greet")).toEqual(["a"]);
    await DB.exec("DELETE FROM workflows WHERE id = 'a'");
    expect(await search("greet")).toEqual([]);
  });
});

describe("rows that are history", () => {
  it("refuse to change", async () => {
    await DB.exec("INSERT INTO audit (org_id, id, actor, action, at) VALUES ('o', 'a', 'system', 'x.done', 1)");
    await expect(DB.exec("UPDATE audit SET actor = 'user:1'")).rejects.toThrow("never changes");
    await expect(DB.exec("DELETE FROM audit")).rejects.toThrow("never deleted");
    await DB.exec(
      "INSERT INTO workflow_versions (org_id, id, workflow_id, number, definition, created_by, created_at) VALUES ('o', 'v', 'w', 1, '{}', 'u', 1)",
    );
    await expect(DB.exec("UPDATE workflow_versions SET definition = '[]'")).rejects.toThrow("never changes");
  });

  it("keep an owner in every organisation", async () => {
    const join = (user: string, role: string) =>
      DB.prepare("INSERT INTO members (org_id, user_id, role, created_by, created_at) VALUES ('o', ?1, ?2, 'u', 1)")
        .bind(user, role)
        .run();
    await join("1", "owner");
    await join("2", "admin");
    await expect(DB.exec("DELETE FROM members WHERE user_id = '1'")).rejects.toThrow("keeps an owner");
    await expect(DB.exec("UPDATE members SET role = 'viewer' WHERE user_id = '1'")).rejects.toThrow("keeps an owner");
    await join("3", "owner");
    await DB.exec("DELETE FROM members WHERE user_id = '1'");
    await expect(DB.exec("DELETE FROM members")).rejects.toThrow("keeps an owner");
  });
});

describe("the database that every test starts from", () => {
  const everything = () =>
    all<{ type: string; name: string; sql: string }>(
      "SELECT type, name, sql FROM sqlite_master WHERE name NOT GLOB '_cf_*' AND name NOT IN ('d1_migrations', 'sqlite_sequence') ORDER BY type, name",
    );

  it("is what the migrations make, one after the other", async () => {
    const before = await everything();
    const own = "schema = 'main' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*'";
    const tables = await all<{ type: string; name: string }>(
      `SELECT iif(type = 'view', 'VIEW', 'TABLE') AS type, name FROM pragma_table_list WHERE ${own} AND type <> 'shadow' ORDER BY type DESC`,
    );
    for (const { type, name } of tables) await DB.exec(`DROP ${type} ${name}`);
    expect(await everything()).toEqual([]);
    await applyD1Migrations(DB, EVERY_MIGRATION);
    expect(await everything()).toEqual(before);
    expect(before.length).toBeGreaterThan(100);
  });
});
