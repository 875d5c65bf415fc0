import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { slideWindow, type WindowState } from "../../../src/domain/webhook/sliding-window.ts";

/** Sends requests at the given times (ms) and tells which were allowed. */
const play = (times: number[], limit: { max: number; windowSeconds: number }) => {
  let state: WindowState = [];
  return times.map((at) => {
    const verdict = slideWindow(state, limit, at);
    state = verdict.state;
    return { at, ...verdict };
  });
};

describe("slideWindow", () => {
  it("allows max at once, counts down, refuses the next", () => {
    const verdicts = play([1000, 1001, 1002, 1003], { max: 3, windowSeconds: 60 });
    expect(verdicts.map((verdict) => [verdict.allowed, verdict.remaining])).toEqual([
      [true, 2],
      [true, 1],
      [true, 0],
      [false, 0],
    ]);
  });

  it("slides: a place frees when the request that took it is a window old, not at a boundary", () => {
    const limit = { max: 2, windowSeconds: 10 };
    const verdicts = play([9_000, 9_900, 10_100, 18_900, 19_400, 19_500], limit);
    expect(verdicts.map((verdict) => verdict.allowed)).toEqual([true, true, false, false, true, false]);
  });

  it("lets the refused come back at resetAtMs and not a slice earlier", () => {
    const limit = { max: 1, windowSeconds: 60 };
    const [first, refused] = play([5_500, 6_000], limit) as [ReturnType<typeof play>[0], ReturnType<typeof play>[0]];
    expect(refused.allowed).toBe(false);
    expect(refused.resetAtMs).toBeGreaterThanOrEqual(65_500);
    expect(refused.resetAtMs).toBeLessThanOrEqual(66_500);
    expect(slideWindow(first.state, limit, refused.resetAtMs - 1).allowed).toBe(false);
    expect(slideWindow(first.state, limit, refused.resetAtMs).allowed).toBe(true);
  });

  it("keeps at most 62 numbers for a million requests' worth of room", () => {
    const times = Array.from({ length: 5_000 }, (_, index) => index * 37);
    const last = play(times, { max: 1_000_000, windowSeconds: 60 }).at(-1)!;
    expect(last.state.length).toBeLessThanOrEqual(62);
  });

  it("never allows more than max in any window, whatever the times", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        gaps,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 10 }),
        (steps, max, windowSeconds) => {
          let at = 1_000_000;
          const times = steps.map((gap) => (at += gap));
          const allowed = play(times, { max, windowSeconds }).filter((verdict) => verdict.allowed);
          for (const [index, verdict] of allowed.entries()) {
            const inWindow = allowed.filter((other, at) => at <= index && other.at > verdict.at - windowSeconds * 1000);
            if (inWindow.length > max) return false;
          }
          return allowed.length > 0;
        },
      ),
    );
  });

  it("does not open up when the clock goes back", () => {
    const limit = { max: 2, windowSeconds: 60 };
    expect(play([100_000, 100_001, 70_000], limit).map((verdict) => verdict.allowed)).toEqual([true, true, false]);
  });
});
