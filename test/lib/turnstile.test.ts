// So many at once and no more, nobody forgotten, and whoever never came back does not stand in the way.
import { describe, expect, it } from "vitest";
import { pause } from "../../src/lib/pause.ts";
import { Turnstile } from "../../src/lib/turnstile.ts";
import { Turnstiles } from "../../src/lib/turnstiles.ts";

const idle = new AbortController().signal;

describe("a turnstile", () => {
  it("lets so many in at once, and everybody in the end", async () => {
    const turnstile = new Turnstile(Date.now, 4);
    let inside = 0;
    let most = 0;
    const work = async (n: number) => {
      most = Math.max(most, ++inside);
      await pause(n % 7);
      inside--;
      return n;
    };
    const all = await Promise.all(Array.from({ length: 200 }, (_, n) => turnstile.pass(() => work(n), 20_000, idle)));
    expect(all).toEqual(Array.from({ length: 200 }, (_, n) => n));
    expect(most).toBe(4);
  });

  it("begins nothing for who has waited for too long, or has gone", async () => {
    const turnstile = new Turnstile(Date.now, 1);
    const free = Promise.withResolvers<string>();
    const first = turnstile.pass(() => free.promise, 1_000, idle);
    const gone = new AbortController();
    gone.abort();
    const never = () => Promise.reject(new Error("begun"));
    expect(await turnstile.pass(never, 20, idle)).toBeUndefined();
    expect(await turnstile.pass(never, 5_000, gone.signal)).toBeUndefined();
    free.resolve("done");
    expect(await first).toBe("done");
    expect(await turnstile.pass(async () => "next", 1_000, idle)).toBe("next");
  });

  it("makes room when the work fails", async () => {
    const turnstile = new Turnstile(Date.now, 1);
    await expect(turnstile.pass(() => Promise.reject(new Error("broken")), 1_000, idle)).rejects.toThrow("broken");
    expect(await turnstile.pass(async () => "next", 1_000, idle)).toBe("next");
  });

  it("forgets those whom an eviction took away", async () => {
    let now = 1_000_000;
    const turnstile = new Turnstile(() => now, 1);
    void turnstile.pass(() => new Promise(() => {}), 1_000, idle);
    await pause(1);
    now += 180_001;
    expect(await turnstile.pass(async () => "next", 1_000, idle)).toBe("next");
  });
});

describe("turnstiles", () => {
  it("keep nobody waiting for another's, and are gone when nobody is there", async () => {
    const turnstiles = new Turnstiles(() => new Turnstile(Date.now, 1));
    const hung = Promise.withResolvers<string>();
    const first = turnstiles.pass("a", () => hung.promise, 5_000, idle);
    const second = turnstiles.pass("a", async () => "after", 5_000, idle);
    expect(await turnstiles.pass("b", async () => "at once", 1_000, idle)).toBe("at once");
    expect(turnstiles.keys).toEqual(["a"]);
    hung.resolve("late");
    expect(await Promise.all([first, second])).toEqual(["late", "after"]);
    expect(turnstiles.keys).toEqual([]);
  });
});
