import { describe, expect, it } from "vitest";
import { type CronTerms, checkCron, nextRun } from "../../src/triggers/cron.ts";

/** The next `count` times after `from`, as ISO without seconds. */
const times = (terms: CronTerms, from: string, count: number): (string | null)[] => {
  const found: (string | null)[] = [];
  for (let after = Date.parse(from); found.length < count; ) {
    const next = nextRun(terms, after);
    found.push(next === null ? null : new Date(next).toISOString().slice(0, 16));
    if (next === null) break;
    after = next;
  }
  return found;
};

describe("nextRun", () => {
  it("is later than the given time, never the same", () => {
    expect(times({ cron: "0 9 * * *" }, "2026-01-01T09:00:00.000Z", 1)).toEqual(["2026-01-02T09:00"]);
    expect(times({ cron: "0 9 * * *" }, "2026-01-01T08:59:59.999Z", 1)).toEqual(["2026-01-01T09:00"]);
  });

  it("knows the nicknames, in the zone's own day", () => {
    const timezone = "Asia/Tokyo";
    expect(times({ cron: "@daily", timezone }, "2026-01-01T00:00Z", 1)).toEqual(["2026-01-01T15:00"]);
    expect(times({ cron: " @Hourly ", timezone: "Asia/Kolkata" }, "2026-01-01T00:00Z", 1)).toEqual([
      "2026-01-01T00:30",
    ]);
    expect(times({ cron: "@yearly" }, "2026-01-01T00:00Z", 1)).toEqual(["2027-01-01T00:00"]);
  });

  it("knows names, lists, ranges, steps, the last day and leap days", () => {
    expect(times({ cron: "15,45 9-10 * JAN MON" }, "2026-01-01T00:00Z", 5)).toEqual([
      "2026-01-05T09:15",
      "2026-01-05T09:45",
      "2026-01-05T10:15",
      "2026-01-05T10:45",
      "2026-01-12T09:15",
    ]);
    expect(times({ cron: "0 9 L * *" }, "2026-02-01T00:00Z", 2)).toEqual(["2026-02-28T09:00", "2026-03-31T09:00"]);
    expect(times({ cron: "0 0 29 2 *" }, "2026-01-01T00:00Z", 2)).toEqual(["2028-02-29T00:00", "2032-02-29T00:00"]);
  });

  it("answers null for what never comes and for wrong terms", () => {
    expect(nextRun({ cron: "0 0 30 2 *" }, 0)).toBeNull();
    expect(nextRun({ cron: "nonsense" }, 0)).toBeNull();
    expect(nextRun({ cron: "0 9 * * *", timezone: "Mars/Base" }, 0)).toBeNull();
  });
});

describe("where the clock goes forward", () => {
  it("a fixed time in the gap runs right after it", () => {
    // Berlin: 02:00 CET becomes 03:00 CEST (01:00Z) on 29 March.
    expect(times({ cron: "30 2 * * *", timezone: "Europe/Berlin" }, "2026-03-28T12:00Z", 2)).toEqual([
      "2026-03-29T01:00",
      "2026-03-30T00:30",
    ]);
    // New York: 02:00 EST becomes 03:00 EDT (07:00Z) on 8 March; a list of hours is fixed too.
    expect(times({ cron: "30 1,2 * * *", timezone: "America/New_York" }, "2026-03-07T12:00Z", 3)).toEqual([
      "2026-03-08T06:30",
      "2026-03-08T07:00",
      "2026-03-09T05:30",
    ]);
    // Lord Howe moves by half an hour: 02:00 +10:30 becomes 02:30 +11 (15:30Z) on 4 October.
    expect(times({ cron: "15 2 * * *", timezone: "Australia/Lord_Howe" }, "2026-10-03T00:00Z", 2)).toEqual([
      "2026-10-03T15:30",
      "2026-10-04T15:15",
    ]);
  });

  it("an interval goes on without a hole or a repeat", () => {
    expect(times({ cron: "*/30 * * * *", timezone: "Europe/Berlin" }, "2026-03-29T00:00Z", 4)).toEqual([
      "2026-03-29T00:30",
      "2026-03-29T01:00",
      "2026-03-29T01:30",
      "2026-03-29T02:00",
    ]);
  });
});

describe("where the clock goes back", () => {
  it("a fixed time that comes twice runs once, the first time", () => {
    // Berlin: 02:30 happens at 00:30Z and at 01:30Z on 25 October.
    expect(times({ cron: "30 2 * * *", timezone: "Europe/Berlin" }, "2026-10-24T12:00Z", 2)).toEqual([
      "2026-10-25T00:30",
      "2026-10-26T01:30",
    ]);
    expect(times({ cron: "30 1 * * *", timezone: "America/New_York" }, "2026-10-31T12:00Z", 2)).toEqual([
      "2026-11-01T05:30",
      "2026-11-02T06:30",
    ]);
    // Lord Howe: 01:45 happens at 14:45Z and at 15:15Z on 4 April (UTC).
    expect(times({ cron: "45 1 * * *", timezone: "Australia/Lord_Howe" }, "2026-04-04T00:00Z", 2)).toEqual([
      "2026-04-04T14:45",
      "2026-04-05T15:15",
    ]);
  });

  it("an interval runs through both passes of the hour", () => {
    expect(times({ cron: "*/30 * * * *", timezone: "Europe/Berlin" }, "2026-10-24T23:45Z", 5)).toEqual([
      "2026-10-25T00:00",
      "2026-10-25T00:30",
      "2026-10-25T01:00",
      "2026-10-25T01:30",
      "2026-10-25T02:00",
    ]);
  });
});

describe("checkCron", () => {
  it.each([{ cron: "* * * * *" }, { cron: "@monthly" }, { cron: "0 9 * * MON#1", timezone: "Pacific/Chatham" }])(
    "takes %o",
    (terms) => expect(checkCron(terms)).toBeUndefined(),
  );

  it.each([
    ["61 * * * *", "cron", /61/],
    ["* * * * * *", "cron", /Five fields/],
    ["* * * *", "cron", /Five fields/],
    ["@reboot", "cron", /Five fields/],
    ["2026-01-01T00:00:00", "cron", /Five fields/],
    ["a b c d e", "cron", /illegal/],
    ["*/0 * * * *", "cron", /stepping/],
    ["0 0 31 4 *", "cron", /no such day/],
  ] as const)("refuses %s", (cron, path, message) => {
    expect(checkCron({ cron })).toEqual({ path, message: expect.stringMatching(message) });
  });

  it.each(["Mars/Base", "+02:00", "", "Europe/Berlin; DROP"])("refuses the zone %j", (timezone) => {
    expect(checkCron({ cron: "* * * * *", timezone })?.path).toBe("timezone");
  });
});
