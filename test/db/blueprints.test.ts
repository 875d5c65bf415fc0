// What reading blueprints costs: one is found by two indexes, a list reads heads of what the organisation may see, never another's private ones.
import { expect, it } from "vitest";
import { findBlueprint, listBlueprints, readHeld } from "../../src/db/queries/blueprints.ts";
import { testEnv } from "../fixtures/identity.ts";

const plansOf = async (ask: (db: D1Database) => unknown): Promise<string[]> => {
  const asked: { query: string; values: unknown[] }[] = [];
  const prepare = (query: string) => {
    const statement = testEnv.DB.prepare(query);
    const entry = { query, values: [] as unknown[] };
    asked.push(entry);
    const bind = statement.bind.bind(statement);
    statement.bind = (...values: unknown[]) => {
      entry.values = values;
      return bind(...values);
    };
    return statement;
  };
  await ask({ prepare, batch: (all: D1PreparedStatement[]) => testEnv.DB.batch(all) } as unknown as D1Database);
  const plans = await Promise.all(
    asked.map(({ query, values }) =>
      testEnv.DB.prepare(`EXPLAIN QUERY PLAN ${query}`)
        .bind(...values)
        .all<{ detail: string }>(),
    ),
  );
  return plans.flatMap(({ results }) => results.map(({ detail }) => detail));
};

const ofTable = (plans: string[]) => [...new Set(plans.filter((detail) => /blueprints/.test(detail)))].sort();

it("finds one by its key, or among the public ones by its id", async () => {
  const plans = await plansOf((db) => findBlueprint(db, "o", "b"));
  expect(ofTable(plans)).toEqual([
    expect.stringMatching(/^SEARCH blueprints USING .*INDEX blueprints_public \(id=\?\)/),
    expect.stringMatching(/^SEARCH blueprints USING PRIMARY KEY \(org_id=\? AND id=\?\)/),
  ]);
});

it("lists the organisation's own by its key, and others' among the public ones only", async () => {
  const plans = await plansOf((db) =>
    listBlueprints(db, "o", { ownerId: "x", heads: [] }, { sortBy: "name", order: "asc" }, { limit: 5, offset: 0 }, 6),
  );
  expect(ofTable(plans)).toEqual([
    expect.stringMatching(/^SCAN blueprints USING INDEX blueprints_public/),
    expect.stringMatching(/^SEARCH blueprints USING PRIMARY KEY \(org_id=\?\)/),
  ]);
});

it("reads what they hold by their keys", async () => {
  const plans = await plansOf((db) => readHeld(db, [{ organizationId: "o", id: "b" }]));
  expect(plans.filter((detail) => /^(?:SCAN|SEARCH) b /.test(detail))).toEqual([
    expect.stringMatching(/^SEARCH b USING PRIMARY KEY \(org_id=\? AND id=\?\)/),
  ]);
});
