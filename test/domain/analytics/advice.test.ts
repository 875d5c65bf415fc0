// Alerts and recommendations: each names its numbers, none comes of too few.
import { describe, expect, it } from "vitest";
import { alertsOf } from "../../../src/domain/analytics/alerts.ts";
import type { Measured } from "../../../src/domain/analytics/measured.ts";
import { type Facts, recommend } from "../../../src/domain/analytics/recommendations.ts";
import { newTally } from "../../../src/domain/analytics/tally.ts";
import { DAY_MS } from "../../../src/lib/durations.ts";
import { bucketOf } from "../../../src/lib/histogram.ts";

const NOW = Date.UTC(2026, 10, 22);
const none = { p50: null, p95: null, p99: null };
const quiet: Measured = {
  since: NOW - DAY_MS,
  queue: {
    ...{
      listed: 0,
      queued: 0,
      running: 0,
      waiting: 0,
      waitingForSlot: 0,
      limit: 10_000,
      maxConcurrency: null,
      busySlots: 0,
    },
    ...{ estimatedWaitMs: null, pendingEvents: 0, oldestEventAt: null, deadLetters: 0, stuck: 0 },
    startDelay: { ...none, mean: 0, samples: 0 },
  },
  load: {
    ...{ startedLastHour: 0, perMinute: 0, judgedLastHour: 0, failedLastHour: 0, failureRateLastHour: 0, uptimeMs: 1 },
    ...{ requests: none, requestSamples: 0, requestFailureRate: 0, objectErrors: 0 },
  },
  database: { ...none, samples: 0, failureRate: 0, rowsReadMean: 0, rowsWrittenMean: 0 },
  services: [],
};
const told = (measured: Measured) =>
  alertsOf(measured, NOW).map(({ type, severity, value, threshold }) => [type, severity, value, threshold]);

describe("alerts", () => {
  it("are none while nothing is wrong", () => {
    expect(told(quiet)).toEqual([]);
  });

  it("name what was measured and what it should not exceed, the critical ones first", () => {
    const measured: Measured = {
      ...quiet,
      queue: {
        ...quiet.queue,
        ...{ waitingForSlot: 7_500, deadLetters: 3, stuck: 101, pendingEvents: 2, oldestEventAt: NOW - 90_000 },
        startDelay: { ...none, p95: 31_000, mean: 1, samples: 20 },
      },
      load: {
        ...quiet.load,
        judgedLastHour: 20,
        failedLastHour: 11,
        failureRateLastHour: 55,
        requestSamples: 1_000,
        requestFailureRate: 2,
        objectErrors: 1,
      },
      database: { ...quiet.database, p95: 600, samples: 500, failureRate: 11 },
      services: [
        {
          service: "a",
          calls: 50,
          failed: 15,
          failureRate: 30,
          meanMs: 1,
          p50Ms: 1,
          p95Ms: 1,
          p99Ms: 1,
          lastFailedAt: NOW,
        },
      ],
    };
    expect(told(measured)).toEqual([
      ["failing_executions", "critical", 55, 50],
      ["stuck_executions", "critical", 101, 100],
      ["failing_database", "critical", 11, 10],
      ["start_delay", "warning", 31_000, 30_000],
      ["queue_filling", "warning", 75, 70],
      ["dead_letters", "warning", 3, 0],
      ["event_backlog", "warning", 90_000, 60_000],
      ["failing_service", "warning", 30, 20],
      ["slow_database", "warning", 600, 500],
      ["failing_requests", "warning", 2, 1],
      ["object_errors", "warning", 1, 0],
    ]);
  });

  it("do not come of few", () => {
    const measured: Measured = {
      ...quiet,
      queue: { ...quiet.queue, startDelay: { ...none, p95: 31_000_000, mean: 1, samples: 19 } },
      load: {
        ...quiet.load,
        judgedLastHour: 19,
        failedLastHour: 19,
        failureRateLastHour: 100,
        requestSamples: 19,
        requestFailureRate: 100,
      },
      database: { ...quiet.database, p95: 60_000, samples: 19, failureRate: 50 },
      services: [
        {
          service: "a",
          calls: 19,
          failed: 19,
          failureRate: 100,
          meanMs: 1,
          p50Ms: 1,
          p95Ms: 1,
          p99Ms: 1,
          lastFailedAt: NOW,
        },
      ],
    };
    expect(told(measured)).toEqual([]);
  });
});

const facts: Facts = {
  now: NOW,
  span: { from: NOW - 30 * DAY_MS, to: NOW },
  names: new Map([["w", "Welcome"]]),
  tallies: new Map(),
  errors: [],
  nodes: [],
  idle: [],
  held: [],
  services: [],
  startDelay: { p95: null, samples: 0 },
};
const nodeDay = (name: string, counts: Record<string, number>) => ({
  day: NOW - DAY_MS,
  workflowId: "w",
  nodes: { [name]: counts },
});

describe("recommendations", () => {
  it("are none where there is nothing to say", () => {
    expect(recommend(facts)).toEqual([]);
    const healthy = { ...newTally(), started: 500, completed: 499, failed: 1 };
    const nodes = [
      nodeDay("action_question/ask", { n: 100, ok: 100, late: 5, ms: 10, wait: 9 }),
      nodeDay("action_webhook/call", { n: 100, ok: 100, tries: 101, ms: 90_000, [bucketOf(900)]: 100 }),
    ];
    expect(
      recommend({
        ...facts,
        tallies: new Map([["w", healthy]]),
        nodes,
        held: [{ gate: "rate", n: 9 }],
        startDelay: { p95: 59_000, samples: 900 },
      }),
    ).toEqual([]);
  });

  it("tell of messages that are held back, of slow nodes and late starts, with their numbers", () => {
    const nodes = [
      nodeDay("action_webhook/call", { n: 40, ok: 40, tries: 40, ms: 40 * 8_000, [bucketOf(8_000)]: 40 }),
      nodeDay("action_code/sum", { n: 40, ok: 40, ms: 400 }),
    ];
    const said = recommend({
      ...facts,
      nodes,
      held: [{ gate: "quiet_hours", n: 312 }],
      startDelay: { p95: 90_000, samples: 40 },
    });
    expect(said.map(({ type, severity, evidence }) => [type, severity, evidence])).toEqual([
      ["start_delay", "medium", { p95Ms: 90_000, samples: 40 }],
      ["slow_node", "low", { visits: 40, averageMs: 8_000, p95Ms: expect.any(Number), share: 99.88 }],
      ["messages_held", "low", { gate: "quiet_hours", messages: 312 }],
    ]);
    expect(said[1]!.title).toBe("Welcome spends 99.88 % of its work at node call, 8000 ms each time");
    expect(said[2]!.title).toBe("312 messages are held back by quiet hours");
  });

  it("ask for a retry only where there was none, and only for what it might mend", () => {
    const error = (message: string, n = 6) => ({
      day: NOW - DAY_MS,
      workflowId: "w",
      code: "HTTP_ERROR",
      nodeId: "call",
      n,
      message,
      firstAt: 1,
      lastAt: 2,
      slots: {},
      samples: [],
    });
    const node = (tries: number) => [nodeDay("action_webhook/call", { n: 40, ok: 34, failed: 6, tries, ms: 40 })];
    const types = (more: Partial<Facts>) => recommend({ ...facts, ...more }).map(({ type }) => type);
    expect(types({ errors: [error("example.com answered 502")], nodes: node(40) })).toEqual(["webhook_without_retry"]);
    expect(types({ errors: [error("example.com answered 404")], nodes: node(40) })).toEqual([]);
    expect(types({ errors: [error("example.com answered 502")], nodes: node(52) })).toEqual([]);
    expect(types({ errors: [error("example.com answered 502", 4)], nodes: node(40) })).toEqual([]);
  });
});
