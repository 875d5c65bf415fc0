// The service's heart: it beats by itself, remembers over eviction since when, and not while the database is away.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { OUTAGE_MS, type Uptime } from "../../src/domain/monitoring/uptime.ts";
import { addVitals, noVitals } from "../../src/lib/vitals.ts";
import { heartbeatStub } from "../../src/objects/rpc.ts";
import { testEnv } from "../fixtures/identity.ts";

const heartbeat = heartbeatStub(testEnv);
const stub = testEnv.HEARTBEAT.get(testEnv.HEARTBEAT.idFromName("heartbeat"));
const kept = (change?: (uptime: Uptime) => Uptime) =>
  runInDurableObject(stub, (_, { storage }) => {
    if (change) storage.kv.put("uptime", change(storage.kv.get<Uptime>("uptime")!));
    return storage.kv.get<Uptime>("uptime")!;
  });

it("beats from the first time that it is asked for, by its alarm, over eviction", async () => {
  const before = Date.now();
  await heartbeat.ensure();
  const since = await heartbeat.upSince();
  expect(since).toBeGreaterThanOrEqual(before);
  await kept((uptime) => ({ since: uptime.since - 7_200_000, last: uptime.last - 60_000 }));
  await evictDurableObject(stub);
  for (let n = 0; n < 3; n++) expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await heartbeat.upSince()).toBe(since! - 7_200_000);
  expect((await kept()).last).toBeGreaterThanOrEqual(before);
});

it("begins anew after an outage", async () => {
  await heartbeat.ensure();
  await kept(({ since, last }) => ({ since: since - 7_200_000, last: last - OUTAGE_MS - 60_000 }));
  const back = Date.now();
  await runDurableObjectAlarm(stub);
  expect(await heartbeat.upSince()).toBeGreaterThanOrEqual(back);
});

it("adds up what isolates notice of themselves, over eviction", async () => {
  const vitals = { ...noVitals(), objectErrors: 2, requests: { calls: 3, failed: 1, times: { 4: 3 } } };
  const before = await heartbeat.note(noVitals());
  await heartbeat.note(vitals);
  await evictDurableObject(stub);
  expect(await heartbeat.note(vitals)).toEqual(addVitals([before, vitals, vitals]));
});
