// What in an organisation's performance somebody should look at: thresholds, and the numbers that crossed them. Pure.

import { percentOf } from "../../lib/round.ts";
import type { Measured } from "./measured.ts";

export type Alert = {
  type:
    | "start_delay"
    | "queue_filling"
    | "failing_executions"
    | "stuck_executions"
    | "dead_letters"
    | "event_backlog"
    | "failing_service"
    | "slow_database"
    | "failing_database"
    | "failing_requests"
    | "object_errors";
  severity: "warning" | "critical";
  message: string;
  /** What was measured, and what it should not exceed. */
  value: number;
  threshold: number;
  /** What it is about, where it is one of several. */
  subject?: string;
};

/** From so many on a share says something. */
const LEAST = 20;

type Level = { warning: number; critical: number };
const START_DELAY_MS: Level = { warning: 30_000, critical: 300_000 };
const QUEUE_PERCENT: Level = { warning: 70, critical: 90 };
const FAILING_PERCENT: Level = { warning: 20, critical: 50 };
const EVENT_AGE_MS: Level = { warning: 60_000, critical: 600_000 };
const SERVICE_PERCENT: Level = { warning: 20, critical: 50 };
const DATABASE_MS: Level = { warning: 500, critical: 2_000 };
const UNAVAILABLE_PERCENT: Level = { warning: 1, critical: 10 };
const SOME: Level = { warning: 0, critical: 100 };

/** Critical first. */
export const alertsOf = (measured: Measured, now: number): Alert[] => {
  const found: Alert[] = [];
  const judge = (type: Alert["type"], value: number | null, level: Level, message: string, subject?: string) => {
    if (value === null || value <= level.warning) return;
    const severity = value > level.critical ? "critical" : "warning";
    const threshold = level[severity];
    found.push({ type, severity, message, value, threshold, ...(subject !== undefined && { subject }) });
  };
  const { queue, load, database, services } = measured;

  if (queue.startDelay.samples >= LEAST) {
    const p95 = queue.startDelay.p95;
    const samples = queue.startDelay.samples;
    judge(
      "start_delay",
      p95,
      START_DELAY_MS,
      `One in twenty of ${samples} executions waited over ${p95} ms for its start`,
    );
  }
  const filled = percentOf(queue.waitingForSlot, queue.limit);
  judge(
    "queue_filling",
    filled,
    QUEUE_PERCENT,
    `${queue.waitingForSlot} executions wait for a slot; the queue takes ${queue.limit}`,
  );
  if (load.judgedLastHour >= LEAST) {
    const message = `${load.failedLastHour} of ${load.judgedLastHour} executions of the last hour failed`;
    judge("failing_executions", load.failureRateLastHour, FAILING_PERCENT, message);
  }
  judge("stuck_executions", queue.stuck, SOME, `${queue.stuck} executions are parked by an error of the engine`);
  judge("dead_letters", queue.deadLetters, SOME, `${queue.deadLetters} dead letters were not replayed`);
  if (queue.oldestEventAt !== null) {
    const age = now - queue.oldestEventAt;
    judge(
      "event_backlog",
      age,
      EVENT_AGE_MS,
      `The oldest of ${queue.pendingEvents} events that wait came ${age} ms ago`,
    );
  }
  for (const { service, calls, failed, failureRate } of services) {
    if (calls < LEAST) continue;
    judge("failing_service", failureRate, SERVICE_PERCENT, `${failed} of ${calls} calls of ${service} failed`, service);
  }
  if (database.samples >= LEAST) {
    judge(
      "slow_database",
      database.p95,
      DATABASE_MS,
      `One in twenty statements took the database over ${database.p95} ms`,
    );
    judge(
      "failing_database",
      database.failureRate,
      UNAVAILABLE_PERCENT,
      `${database.failureRate} % of the calls of the database failed`,
    );
  }
  if (load.requestSamples >= LEAST)
    judge(
      "failing_requests",
      load.requestFailureRate,
      UNAVAILABLE_PERCENT,
      `${load.requestFailureRate} % of the requests failed by an error of ours`,
    );
  judge("object_errors", load.objectErrors, SOME, `${load.objectErrors} wakes of objects failed; each is tried again`);
  return found.sort((a, b) => Number(b.severity === "critical") - Number(a.severity === "critical"));
};
