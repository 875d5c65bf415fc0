// Quiet hours against a definition that needs no cleverness: minute by minute, on the wall clock that Intl shows.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isQuiet, quietUntil } from "../../../src/domain/message/quiet-hours.ts";

const at = (text: string): number => Date.parse(text);
const NIGHT = { start: "22:00", end: "08:00" };

describe("a window on the recipient's clock", () => {
  it.each([
    ["22:00 begins it", "2026-11-21T21:00:00Z", true],
    ["a millisecond before does not", "2026-11-21T20:59:59.999Z", false],
    ["midnight is inside", "2026-11-21T23:00:00Z", true],
    ["08:00 ends it", "2026-11-22T07:00:00Z", false],
    ["a millisecond before does not", "2026-11-22T06:59:59.999Z", true],
  ])("%s", (_, instant, quiet) => expect(isQuiet(NIGHT, "Europe/Berlin", at(instant))).toBe(quiet));

  it("ends at the recipient's end, wherever they are", () => {
    const now = at("2026-11-21T23:30:00Z");
    expect(quietUntil(NIGHT, "Europe/Berlin", now)).toBe(at("2026-11-22T07:00:00Z"));
    expect(quietUntil(NIGHT, "Asia/Kolkata", now)).toBe(at("2026-11-22T02:30:00Z"));
    expect(quietUntil(NIGHT, "America/New_York", now)).toBe(now);
  });

  it("within a day, or nowhere when both ends are the same", () => {
    const now = at("2026-11-21T12:00:00Z");
    expect(quietUntil({ start: "11:00", end: "13:00" }, "UTC", now)).toBe(at("2026-11-21T13:00:00Z"));
    expect(quietUntil({ start: "12:00", end: "12:00" }, "UTC", now)).toBe(now);
  });

  it("what is no HH:MM is a bug of the caller's", () => {
    expect(() => isQuiet({ start: "24:00", end: "08:00" }, "UTC", 0)).toThrow(RangeError);
  });
});

describe("where clocks change", () => {
  // Berlin: 2026-03-29 02:00 → 03:00, 2026-10-25 03:00 → 02:00.
  it("an end that does not exist is the jump", () => {
    const hours = { start: "22:00", end: "02:30" };
    expect(quietUntil(hours, "Europe/Berlin", at("2026-03-28T23:00:00Z"))).toBe(at("2026-03-29T01:00:00Z"));
  });
  it("a night that is an hour shorter, and one that is longer", () => {
    expect(quietUntil(NIGHT, "Europe/Berlin", at("2026-03-28T22:00:00Z"))).toBe(at("2026-03-29T06:00:00Z"));
    expect(quietUntil(NIGHT, "Europe/Berlin", at("2026-10-24T21:00:00Z"))).toBe(at("2026-10-25T07:00:00Z"));
  });
  it("an hour that comes twice is quiet twice, and free between", () => {
    const hours = { start: "02:15", end: "02:45" };
    expect(quietUntil(hours, "Europe/Berlin", at("2026-10-25T00:20:00Z"))).toBe(at("2026-10-25T00:45:00Z"));
    expect(isQuiet(hours, "Europe/Berlin", at("2026-10-25T00:50:00Z"))).toBe(false);
    expect(quietUntil(hours, "Europe/Berlin", at("2026-10-25T01:20:00Z"))).toBe(at("2026-10-25T01:45:00Z"));
  });
  it("a jump back out of the window ends it", () => {
    const hours = { start: "02:30", end: "08:00" };
    expect(quietUntil(hours, "Europe/Berlin", at("2026-10-25T00:40:00Z"))).toBe(at("2026-10-25T01:00:00Z"));
    expect(quietUntil(hours, "Europe/Berlin", at("2026-10-25T01:40:00Z"))).toBe(at("2026-10-25T07:00:00Z"));
  });
  it("half an hour in Lord Howe, a day that never was in Apia", () => {
    expect(quietUntil({ start: "01:00", end: "02:15" }, "Australia/Lord_Howe", at("2026-10-03T15:00:00Z"))).toBe(
      at("2026-10-03T15:30:00Z"),
    );
    expect(quietUntil(NIGHT, "Pacific/Apia", at("2011-12-30T09:30:00Z"))).toBe(at("2011-12-30T18:00:00Z"));
  });
});

describe("any window, anywhere, at any time", () => {
  const clock = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":"));
  const zone = fc.constantFrom(
    ...["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"],
    ...["Africa/Casablanca", "Pacific/Apia", "America/Sao_Paulo", "Antarctica/Troll", "Asia/Tehran"],
  );
  // Around the changes of 2026 in the zones above as often as anywhere.
  const changes = [
    "2026-03-08T07:00Z",
    "2026-03-29T01:00Z",
    "2026-10-25T01:00Z",
    "2026-11-01T06:00Z",
    "2026-10-03T15:30Z",
  ];
  const instant = fc.oneof(
    fc.integer({ min: at("2026-01-01T00:00Z") / 60_000, max: at("2026-12-31T00:00Z") / 60_000 }),
    fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -1_500, max: 300 })).map(([t, m]) => at(t) / 60_000 + m),
  );

  it("ends at the first minute that is not quiet", () => {
    fc.assert(
      fc.property(clock, clock, zone, instant, (start, end, zone, minute) => {
        const hours = { start, end };
        const now = minute * 60_000;
        const text = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
        const quiet = (t: number) => {
          const wall = text.format(t);
          return start <= end ? wall >= start && wall < end : wall >= start || wall < end;
        };
        let expected = now;
        while (quiet(expected)) expected += 60_000;
        expect(quietUntil(hours, zone, now)).toBe(expected);
        expect(isQuiet(hours, zone, expected)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
