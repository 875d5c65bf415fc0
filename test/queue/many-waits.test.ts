// One event that more runs wait for than an invocation of the consumer may call.
import { expect, it, vi } from "vitest";
import type { StreamEvent } from "../../src/domain/event.ts";
import type { Env } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { deliver, messageOf, outcomeOf } from "./kit.ts";

const WAITS = 12_000;
/** Cloudflare Workers, "Limits": subrequests of an invocation on the paid plan. */
const MAX_SUBREQUESTS = 10_000;

it("is told to as many as one delivery may call, and to the others by the next", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const { organizationId } = await makeOrganization();
  await db
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       INSERT INTO waiters (key, org_id, event_type, execution_id, wait_key, since)
       SELECT ?1 || ':' || i, ?1, 'sale', ?1 || ':' || i, 'w:1', 1 FROM n`,
    )
    .bind(organizationId, WAITS)
    .run();
  let told: string[] = [];
  const EXECUTION = {
    idFromName: (name: string) => name,
    get: (name: string) => ({ deliver: async () => told.push(name) > 0 }),
  };
  const env = { ...testEnv, EXECUTION } as unknown as Env;
  const now = Date.now();
  const about = { organizationId, type: "sale", source: "api", data: {} };
  const event: StreamEvent = { ...about, id: newId(now), occurredAt: now, depth: 0 };
  const all = new Set<string>();
  const deliverTo = async (attempts: number) => {
    told = [];
    const { result } = await deliver([{ body: messageOf(event), attempts }], env);
    expect(told.length).toBeLessThan(MAX_SUBREQUESTS * 0.9);
    for (const name of told) all.add(name);
    // Whoever was told takes the wait away.
    await db
      .prepare("DELETE FROM waiters WHERE key IN (SELECT value FROM json_each(?1))")
      .bind(JSON.stringify(told))
      .run();
    return result;
  };
  const first = await deliverTo(1);
  expect(first.retryMessages).toHaveLength(1);
  expect(await outcomeOf(event.id)).toBeNull();
  const second = await deliverTo(2);
  expect(second.retryMessages).toEqual([]);
  expect(await outcomeOf(event.id)).not.toBeNull();
  expect(all.size).toBe(WAITS);
});
