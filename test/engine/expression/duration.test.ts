import { describe, expect, it } from "vitest";
import { durationMs, MAX_DURATION_MS } from "../../../src/engine/expression/duration.ts";

describe("a duration", () => {
  it.each<[unknown, unknown, number]>([
    [1500, "milliseconds", 1500],
    [2, "seconds", 2000],
    [1, "minute", 60_000],
    [1.5, "hours", 5_400_000],
    [1, "day", 86_400_000],
    [2, "Weeks", 1_209_600_000],
    [250, "ms", 250],
    [2, "s", 2000],
    [2, "secs", 2000],
    [3, "min", 180_000],
    [3, "Mins", 180_000],
    [1, "h", 3_600_000],
    [1, "d", 86_400_000],
    ["30", "seconds", 30_000],
    [0, "days", 0],
    [5, undefined, 5000],
    [5, null, 5000],
    [0.0004, "seconds", 0],
    [3652.5, "days", MAX_DURATION_MS],
  ])("%s %s is %s ms", (duration, unit, expected) => {
    expect(durationMs({ duration, unit })).toEqual({ ok: true, value: expected });
  });

  it("has another unit by default where one is named", () => {
    expect(durationMs({ duration: 5 }, "minutes")).toEqual({ ok: true, value: 300_000 });
  });

  it.each<[unknown, unknown, string]>([
    [-1, "seconds", "duration"],
    [-0.001, "milliseconds", "duration"],
    [3652.6, "days", "duration"],
    [1e308, "weeks", "duration"],
    [Number.NaN, "days", "duration"],
    [Number.POSITIVE_INFINITY, "days", "duration"],
    ["soon", "days", "duration"],
    ["", "days", "duration"],
    [null, "days", "duration"],
    [undefined, "days", "duration"],
    [true, "days", "duration"],
    [[1], "days", "duration"],
    [1, "years", "unit"],
    [1, "", "unit"],
    [1, "month", "unit"],
    [1, 5, "unit"],
    [1, "constructor", "unit"],
  ])("%s %s is refused at %s", (duration, unit, path) => {
    expect(durationMs({ duration, unit })).toMatchObject({
      ok: false,
      error: { path, message: expect.stringMatching(/./) },
    });
  });
});
