import { describe, expect, it } from "vitest";
import { retryAfterMs } from "../../src/lib/retry-after.ts";

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const read = (value: string) => retryAfterMs(new Headers({ "retry-after": value }), NOW);

describe("retryAfterMs", () => {
  it.each([
    ["0", 0],
    ["7", 7_000],
    [" 120 ", 120_000],
    ["Sat, 21 Nov 2026 12:01:00 GMT", 60_000],
    ["Saturday, 21-Nov-26 12:01:00 GMT", 60_000],
    ["Sat, 21 Nov 2020 12:00:00 GMT", 0],
  ])("%j is %i", (value, milliseconds) => {
    expect(read(value)).toBe(milliseconds);
  });
  it.each(["", "-1", "1.5", "soon", "12345678901234567890", "2026-11-21"])("%j is none", (value) => {
    expect(read(value)).toBeUndefined();
  });
  it("is none without the header", () => {
    expect(retryAfterMs(new Headers(), NOW)).toBeUndefined();
  });
});
