// What a campaign's message costs, counted: rows and statements of the index, and calls of other objects. `npm run bench -- campaign` prints it.
import { afterEach, expect, it, vi } from "vitest";
import { testEnv } from "../fixtures/identity.ts";
import { call, makeCampaign, makeCampaigner, reaches } from "./campaign-kit.ts";
import { firstOrganization, playTwilio } from "./campaign-twilio.ts";

const PEOPLE = 240;

afterEach(() => vi.restoreAllMocks());

it("costs a row in the index and a few statements for each wave", async () => {
  const who = await makeCampaigner(PEOPLE, await firstOrganization());
  const id = await makeCampaign(who);
  const twilio = playTwilio();
  const counted = { requests: 0, read: 0, written: 0, leases: 0, lanes: 0 };
  const note = (results: D1Result[]) => {
    counted.requests++;
    for (const { meta } of results) {
      counted.read += meta.rows_read;
      counted.written += meta.rows_written;
    }
  };
  const batch = testEnv.DB.batch.bind(testEnv.DB);
  vi.spyOn(testEnv.DB, "batch").mockImplementation(async (statements) => {
    const results = await batch(statements);
    note(results);
    return results as never;
  });
  const watch = (namespace: DurableObjectNamespace, name: "leases" | "lanes", method: string) => {
    const get = namespace.get.bind(namespace);
    vi.spyOn(namespace, "get").mockImplementation((objectId, options) => {
      const stub = get(objectId, options);
      return new Proxy({} as DurableObjectStub, {
        get: (_, key: string) =>
          key === "then"
            ? undefined
            : (...args: unknown[]) => {
                if (key === method) counted[name]++;
                return (stub as unknown as Record<string, (...given: unknown[]) => unknown>)[key]!(...args);
              },
      });
    });
  };
  watch(testEnv.PACER, "leases", "lease");
  watch(testEnv.CAMPAIGN, "lanes", "carry");
  await call(who, "POST", `/campaigns/${id}/trigger`);
  await reaches(who, id, "COMPLETED", 60_000);
  expect(twilio.sends.length).toBe(PEOPLE);
  const each = (n: number) => Math.round((n / PEOPLE) * 100) / 100;
  const costs = {
    "D1 batches a message": each(counted.requests),
    "D1 rows read a message": each(counted.read),
    "D1 rows written a message": each(counted.written),
    "object calls a message": each(counted.leases + counted.lanes),
  };
  console.log(`counted: ${JSON.stringify(costs)}`);
  // On a machine that is busy with other things messages miss their slots, and ask again.
  expect(costs["D1 batches a message"]).toBeLessThanOrEqual(1);
  expect(costs["D1 rows read a message"]).toBeLessThanOrEqual(80);
  expect(costs["D1 rows written a message"]).toBeLessThanOrEqual(32);
  expect(costs["object calls a message"]).toBeLessThanOrEqual(1.5);
});
