// A sliding window that survives its object.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { newId } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { testEnv } from "../fixtures/identity.ts";

const { limiter } = makePorts(testEnv);
const keyOf = () => `test:${newId()}`;
const stubOf = (key: string) => testEnv.LIMITER.get(testEnv.LIMITER.idFromName(key));

describe("limiter", () => {
  it("allows so many in a window, whatever comes at once, and says when to come back", async () => {
    const key = keyOf();
    const answers = await Promise.all(Array.from({ length: 8 }, () => limiter.take(key, 5, 60_000)));
    expect(answers.map((answer) => answer.allowed)).toEqual([true, true, true, true, true, false, false, false]);
    expect(answers.map((answer) => answer.remaining)).toEqual([4, 3, 2, 1, 0, 0, 0, 0]);
    const refused = answers.at(-1)!;
    expect(refused.retryAfterMs).toBeGreaterThan(55_000);
    expect(refused.retryAfterMs).toBeLessThanOrEqual(61_000);
    expect(refused.resetAt).toBeGreaterThan(Date.now() + 55_000);
    expect(answers[0]!.retryAfterMs).toBe(0);
  });

  it("does not refill when it is evicted", async () => {
    const key = keyOf();
    await limiter.take(key, 2, 60_000);
    await limiter.take(key, 2, 60_000);
    await evictDurableObject(stubOf(key));
    expect((await limiter.take(key, 2, 60_000)).allowed).toBe(false);
  });

  it("takes a use back, and none that was not counted", async () => {
    const key = keyOf();
    await limiter.giveBack(key);
    expect((await limiter.take(key, 2, 60_000)).remaining).toBe(1);
    expect((await limiter.take(key, 2, 60_000)).remaining).toBe(0);
    await limiter.giveBack(key);
    await evictDurableObject(stubOf(key));
    expect(await limiter.take(key, 2, 60_000)).toMatchObject({ allowed: true, remaining: 0 });
    expect((await limiter.take(key, 2, 60_000)).allowed).toBe(false);
  });

  it("frees places as they leave, and keeps nothing once it is empty", async () => {
    const key = keyOf();
    await limiter.take(key, 1, 200);
    expect((await limiter.take(key, 1, 200)).allowed).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 230));
    const rows = () => runInDurableObject(stubOf(key), (_, state) => [...state.storage.kv.list()].length);
    // The alarm may have come by itself already.
    await runDurableObjectAlarm(stubOf(key));
    expect(await rows()).toBe(0);
    expect((await limiter.take(key, 1, 200)).allowed).toBe(true);
  });
});
