// One event that more runs wait for than an invocation of the consumer may call.
import { expect, it, vi } from "vitest";
import type { StreamEvent } from "../../src/domain/event.ts";
import type { Env } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import type { EventMessage } from "../../src/queue/catalogue.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { deliver, messageOf, outcomeOf } from "./kit.ts";

const WAITS = 12_000;
/** Cloudflare Workers, "Limits": subrequests of an invocation on the paid plan. */
const MAX_SUBREQUESTS = 10_000;

it.each([true, false])(
  "is told to as many as one delivery may call, and to the others by the next (told waits go: %s)",
  async (go) => {
    const log = vi.spyOn(console, "warn").mockImplementation(() => {});
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
    const sent: EventMessage[] = [];
    const EXECUTION = {
      idFromName: (name: string) => name,
      get: (name: string) => ({ deliver: async () => told.push(name) > 0 }),
    };
    const EVENTS = {
      sendBatch: async (batch: { body: EventMessage }[]) => void sent.push(...batch.map((one) => one.body)),
    };
    const env = { ...testEnv, EXECUTION, EVENTS } as unknown as Env;
    const now = Date.now();
    const about = { organizationId, type: "sale", source: "api", data: {} };
    const event: StreamEvent = { ...about, id: newId(now), occurredAt: now, depth: 0 };
    const all: string[] = [];
    const deliverTo = async (body: EventMessage) => {
      told = [];
      const { result } = await deliver([{ body }], env);
      expect(result.retryMessages).toEqual([]);
      expect(told.length).toBeLessThan(MAX_SUBREQUESTS * 0.9);
      all.push(...told);
      // Whoever takes the event takes the wait away; whoever judges that it is another that it waits for keeps it.
      if (!go) return;
      await db
        .prepare("DELETE FROM waiters WHERE key IN (SELECT value FROM json_each(?1))")
        .bind(JSON.stringify(told))
        .run();
    };
    await deliverTo(messageOf(event));
    expect(await outcomeOf(event.id)).toBeNull();
    expect(sent).toMatchObject([{ id: event.id, toldTo: expect.any(Number) }]);
    await deliverTo(sent[0]!);
    expect(sent).toHaveLength(1);
    expect(await outcomeOf(event.id)).not.toBeNull();
    expect(new Set(all).size).toBe(WAITS);
    expect(all).toHaveLength(WAITS);
    log.mockRestore();
  },
);
