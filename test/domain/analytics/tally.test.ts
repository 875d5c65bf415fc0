// Figures from rollups of days against counting every single execution.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DayRollup, ErrorDay, NodeDay } from "../../../src/db/queries/analytics.ts";
import { divide, type Granularity, QUARTER_MS, toQuarters } from "../../../src/domain/analytics/calendar.ts";
import { byCode, failureReasons } from "../../../src/domain/analytics/errors.ts";
import { messagesSent, nodePerformance } from "../../../src/domain/analytics/node-tally.ts";
import {
  addDay,
  histogramOf,
  newTally,
  successRateOf,
  type Tally,
  tallyOf,
} from "../../../src/domain/analytics/tally.ts";
import { slopeOf, trendOf } from "../../../src/domain/analytics/trend.ts";
import { wantedDays } from "../../../src/domain/analytics/wanted-days.ts";
import { failureCode } from "../../../src/domain/execution/failure-code.ts";
import { DAY_MS, HOUR_MS } from "../../../src/lib/durations.ts";
import { bucketOf } from "../../../src/lib/histogram.ts";

const FROM = Date.UTC(2026, 9, 20);
type Run = { at: number; status: "c" | "f" | "x" | "t" | "r"; ms: number };
const LETTERS = { c: "completed", f: "failed", x: "cancelled", t: "timedOut" } as const;

/** As triggers make it of these runs; slots of days that are not `cut` are not read. */
const rollupsOf = (runs: readonly Run[], cut: (day: number) => boolean): DayRollup[] => {
  const days = new Map<number, DayRollup>();
  for (const { at, status, ms } of runs) {
    const day = Math.floor(at / DAY_MS) * DAY_MS;
    const row = days.get(day) ?? {
      ...{ day, workflowId: "w", ...newTally(), durationMax: 0, nodes: 0, lagged: 0, lagSum: 0 },
      ...{ slots: {}, durations: {}, lags: {} },
    };
    days.set(day, row);
    const add = (tally: Record<string, number>, key: string, n: number) => {
      tally[key] = (tally[key] ?? 0) + n;
    };
    const quarter = Math.floor((at - day) / QUARTER_MS);
    row.started++;
    if (cut(day)) add(row.slots, `${quarter}s`, 1);
    if (status === "r") continue;
    row[LETTERS[status]]++;
    row.durationSum += ms;
    if (cut(day)) {
      add(row.slots, `${quarter}${status}`, 1);
      add(row.slots, `${quarter}d`, ms);
    }
    add(row.durations, `${Math.floor((at - day) / HOUR_MS)}.${bucketOf(ms)}`, 1);
  }
  return [...days.values()];
};

const counted = (runs: readonly Run[], { from, to }: { from: number; to: number }): Tally => {
  const tally = newTally();
  for (const { at, status, ms } of runs) {
    if (at < from || at >= to) continue;
    tally.started++;
    if (status === "r") continue;
    tally[LETTERS[status]]++;
    tally.durationSum += ms;
  }
  return tally;
};

const runs = fc.array(
  fc.record({
    at: fc.integer({ min: FROM, max: FROM + 25 * DAY_MS }),
    status: fc.constantFrom<Run["status"]>("c", "c", "f", "x", "t", "r"),
    ms: fc.integer({ min: 0, max: 100_000 }),
  }),
  { maxLength: 200 },
);

describe("figures from rollups", () => {
  it("are those of all executions, in every bucket of every zone", () => {
    fc.assert(
      fc.property(
        runs,
        fc.constantFrom("UTC", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe"),
        fc.constantFrom<Granularity>("hour", "day", "week", "month"),
        fc.integer({ min: 0, max: 20 * DAY_MS }),
        fc.integer({ min: 1, max: 10 * DAY_MS }),
        (all, zone, granularity, begin, length) => {
          const span = toQuarters({ from: FROM + begin, to: FROM + begin + length });
          const parts = divide(span, granularity, zone, 1_000);
          const wanted = new Map(wantedDays(parts, () => false).map(({ day, cut }) => [day, cut]));
          const rows = rollupsOf(all, (day) => wanted.get(day) ?? false).filter(({ day }) => wanted.has(day));
          const tallies = parts.map(newTally);
          for (const row of rows) addDay(row, parts, tallies);
          expect(tallies).toEqual(parts.map((part) => counted(all, part)));
          expect(tallyOf(rows, span)).toEqual(counted(all, span));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("have the times of full hours", () => {
    const at = FROM + 5 * HOUR_MS + 100;
    const rows = rollupsOf(
      [
        { at, status: "c", ms: 50 },
        { at: at + HOUR_MS, status: "c", ms: 70 },
      ],
      () => true,
    );
    expect([...histogramOf(rows, { from: at, to: at + 1 }, "durations")]).toEqual([[bucketOf(50), 1]]);
    expect(histogramOf(rows, { from: FROM, to: FROM + DAY_MS }, "durations").size).toBe(2);
  });

  it("call no rate what nothing ended for, and leave cancelled runs out of it", () => {
    expect(successRateOf({ ...newTally(), started: 3, cancelled: 2 })).toBeNull();
    expect(successRateOf({ ...newTally(), completed: 2, timedOut: 1, cancelled: 7 })).toBe(66.67);
  });
});

describe("reasons of failures", () => {
  const row = (more: Partial<ErrorDay>): ErrorDay => ({
    ...{ day: FROM, workflowId: "w", code: "A", nodeId: "n", n: 3, message: "m" },
    ...{ firstAt: 10, lastAt: 20, slots: { 0: 1, 95: 2 }, samples: ["1"] },
    ...more,
  });

  it("are added up over days, exactly at the ends of the time", () => {
    const rows = [row({}), row({ day: FROM + DAY_MS, message: "later", firstAt: 30, lastAt: 40, samples: ["9", "8"] })];
    expect(failureReasons(rows, { from: FROM + QUARTER_MS, to: FROM + 2 * DAY_MS })).toEqual([
      {
        ...{ code: "A", nodeId: "n", message: "later", count: 5, percentage: 100 },
        ...{ firstSeenAt: 10, lastSeenAt: 40, samples: ["9", "8", "1"] },
      },
    ]);
    expect(failureReasons(rows, { from: FROM + QUARTER_MS, to: FROM + 2 * QUARTER_MS })).toEqual([]);
  });

  it("are told by code, most frequent first, in percent of all", () => {
    const rows = [row({}), row({ nodeId: "m" }), row({ code: "B", nodeId: "", n: 2, slots: {} })];
    expect(
      byCode(rows, { from: FROM, to: FROM + DAY_MS }).map(({ code, count, percentage }) => [code, count, percentage]),
    ).toEqual([
      ["A", 6, 75],
      ["B", 2, 25],
    ]);
  });

  it("have the code that the execution itself shows, where nothing named one", () => {
    const [reason] = byCode([row({ code: "" })], { from: FROM, to: FROM + DAY_MS });
    expect(reason!.code).toBe(failureCode(null, "failed"));
    expect([failureCode(null, "timed_out"), failureCode(null, "cancelled")]).toEqual([
      "EXECUTION_TIMEOUT",
      "CANCELLED",
    ]);
    expect(failureCode("HTTP_ERROR", "timed_out")).toBe("HTTP_ERROR");
  });
});

describe("nodes", () => {
  const days: NodeDay[] = [
    {
      day: FROM,
      workflowId: "w",
      nodes: { "action_webhook/a/b": { n: 4, ok: 3, failed: 1, tries: 6, ms: 4_000, wait: 400, [bucketOf(1_000)]: 4 } },
    },
    {
      day: FROM + DAY_MS,
      workflowId: "w",
      nodes: {
        "action_webhook/a/b": { n: 1, ok: 1, failed: 0, tries: 1, ms: 1_000, wait: 0, [bucketOf(1_000)]: 1 },
        "action_email/m": { n: 2, ok: 1, failed: 1, tries: 2, ms: 0, wait: 0, 0: 2 },
      },
    },
  ];

  it("have what their days have together", () => {
    expect(nodePerformance(days)).toMatchObject([
      {
        nodeType: "action_webhook",
        nodeId: "a/b",
        runs: 5,
        failed: 1,
        failureRate: 20,
        retries: 2,
        meanMs: 1_000,
        waitMeanMs: 80,
        share: 100,
      },
      { nodeType: "action_email", nodeId: "m", runs: 2, failureRate: 50, retries: 0, share: 0 },
    ]);
    expect(messagesSent(days)).toBe(1);
  });
});

describe("a trend", () => {
  const tally = (completed: number, failed = 0, ms = 100): Tally => ({
    ...newTally(),
    started: completed + failed,
    completed,
    failed,
    durationSum: (completed + failed) * ms,
  });

  it("is unknown with too little, and says so", () => {
    expect(trendOf("totalExecutions", tally(15), tally(2), [])).toMatchObject({
      direction: "unknown",
      samples: { current: 15, previous: 2 },
      reason: expect.stringContaining("Too few"),
    });
    expect(trendOf("avgExecutionTime", tally(50), tally(0), [])).toMatchObject({
      direction: "unknown",
      previous: null,
    });
  });

  it("is flat within what chance makes, and goes where there is more", () => {
    expect(trendOf("totalExecutions", tally(110), tally(100), [])).toMatchObject({
      direction: "flat",
      change: 10,
      changePercent: 10,
    });
    expect(trendOf("totalExecutions", tally(200), tally(100), [])).toMatchObject({
      direction: "up",
      change: 100,
      changePercent: 100,
    });
    expect(trendOf("successRate", tally(90, 10), tally(92, 8), [])).toMatchObject({ direction: "flat", change: -2 });
    expect(trendOf("successRate", tally(60, 40), tally(92, 8), [])).toMatchObject({ direction: "down", change: -32 });
    expect(trendOf("avgExecutionTime", tally(50, 0, 104), tally(50), [])).toMatchObject({ direction: "flat" });
    expect(trendOf("avgExecutionTime", tally(50, 0, 150), tally(50), [])).toMatchObject({
      direction: "up",
      current: 150,
      previous: 100,
    });
    expect(trendOf("failed", tally(100, 0), tally(100, 30), [])).toMatchObject({
      direction: "down",
      current: 0,
      previous: 30,
    });
  });

  it("has the slope of its series", () => {
    expect(slopeOf([1, 3, 5, 7])).toBe(2);
    expect(slopeOf([1, null, 5, 7])).toBe(2);
    expect(slopeOf([1, null, 5])).toBeNull();
    expect(trendOf("totalExecutions", tally(60), tally(60), [tally(10), tally(20), tally(30)]).slope).toBe(10);
  });
});
