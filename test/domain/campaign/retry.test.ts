// How often a refused message is tried again, and when.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ErrorClass } from "../../../src/channels/channel.ts";
import { nextTryAt } from "../../../src/domain/campaign/retry.ts";

const NOW = 1_700_000_000_000;
const refused = (errorClass: ErrorClass, retryAfterMs?: number) => ({
  outcome: "refused" as const,
  class: errorClass,
  name: "x",
  message: "x",
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

describe("the next try", () => {
  it.each(["permanent", "consent", "window", "configuration", "content"] as const)("never comes after %s", (one) => {
    expect(nextTryAt(refused(one), 1, NOW, 0)).toBeUndefined();
  });

  it("comes once after an unknown code, and seven times after what may go later", () => {
    expect(nextTryAt(refused("unknown"), 1, NOW, 0)).toBeDefined();
    expect(nextTryAt(refused("unknown"), 2, NOW, 0)).toBeUndefined();
    expect(nextTryAt(refused("retry"), 7, NOW, 0)).toBeDefined();
    expect(nextTryAt(refused("retry"), 8, NOW, 0)).toBeUndefined();
  });

  it("doubles from 100 ms to 30 s, with jitter, and honours Retry-After", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (tries, chance) => {
        const wait = nextTryAt(refused("retry"), tries, NOW, chance)! - NOW;
        const whole = Math.min(30_000, 100 * 2 ** (tries - 1));
        expect(wait).toBeGreaterThanOrEqual(whole / 2);
        expect(wait).toBeLessThanOrEqual(whole);
      }),
    );
    expect(nextTryAt(refused("retry", 12_000), 1, NOW, 0)).toBe(NOW + 12_000);
  });
});
