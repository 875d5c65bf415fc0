// How the service performs for an organisation: what waits and for how long, what goes on, how those that it calls answer. Of the machinery that
// all share, only what tells nothing of anybody else: times and shares, no amounts.
import { daysOfResult, selectAllDays } from "../../db/queries/analytics.ts";
import {
  type Pending,
  selectPending,
  selectServices,
  selectStatuses,
  servicesOfResult,
} from "../../db/queries/performance.ts";
import { DAY_MS, HOUR_MS } from "../../lib/durations.ts";
import type { Histogram } from "../../lib/histogram.ts";
import { percentOf, toHundredths } from "../../lib/round.ts";
import type { Times } from "../../lib/vitals.ts";
import { atLeast, type Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { type Alert, alertsOf } from "./alerts.ts";
import { toQuarters } from "./calendar.ts";
import type { Measured } from "./measured.ts";
import { servicePerformance } from "./outside-calls.ts";
import { errorRateOf, histogramOf, meanOf, tallyOf } from "./tally.ts";
import { quantilesOf } from "./workflow-analytics.ts";

export type Performance = Measured & { alerts: Alert[] };

/** How many others' calls a figure rests on is none of a caller's business beyond this. */
const MOST_SAMPLES = 1_000;
const HOURS = 24;

const histogramOfTimes = (times: Times): Histogram =>
  new Map(Object.entries(times).map(([bucket, n]) => [Number(bucket), n]));

export const visibleTo = ({ principal }: Context): string | undefined =>
  atLeast(principal.role, "admin") ? undefined : principal.userId;

/** One batch of four statements, a call to the heartbeat for each of its two answers, and one to the dispatcher. */
export const readPerformance = async (context: Context): Promise<Performance> => {
  authorizeRole(context.principal, "viewer", "read");
  const { db, now, heartbeat, queues } = context.ports;
  const { organizationId } = context.principal;
  const at = now();
  const since = Math.floor(at / HOUR_MS) * HOUR_MS - (HOURS - 1) * HOUR_MS;
  const range = { from: Math.floor(since / DAY_MS) * DAY_MS, to: at + 1 };
  const [[days, pending, statuses, services], upSince, vitals, dispatch] = await Promise.all([
    db.batch([
      selectAllDays(db, organizationId, { ...range, visibleTo: visibleTo(context), whole: true }),
      selectPending(db, organizationId),
      selectStatuses(db, organizationId),
      selectServices(db, organizationId, since),
    ]),
    heartbeat.upSince(),
    heartbeat.vitals(),
    queues.status(organizationId),
  ]);
  const rows = daysOfResult(days!);
  const counts = new Map((statuses!.results as { status: string; n: number }[]).map(({ status, n }) => [status, n]));
  const lags = histogramOf(rows, { from: since, to: at + 1 }, "lags");
  const hour = tallyOf(rows, toQuarters({ from: at - HOUR_MS, to: at }));
  const judged = hour.completed + hour.failed + hour.timedOut;
  const failed = hour.failed + hour.timedOut;
  const { events, oldestEventAt, deadLetters, stuck } = pending!.results[0] as Pending;
  const { database, requests } = vitals;
  const measured: Measured = {
    since,
    queue: {
      listed: [...counts.values()].reduce((sum, n) => sum + n, 0),
      queued: counts.get("queued") ?? 0,
      running: counts.get("running") ?? 0,
      waiting: counts.get("waiting") ?? 0,
      waitingForSlot: dispatch.waiting,
      limit: dispatch.limits.maxQueued,
      maxConcurrency: dispatch.limits.maxConcurrency,
      busySlots: dispatch.held,
      estimatedWaitMs: dispatch.waitMs,
      pendingEvents: events,
      oldestEventAt,
      deadLetters,
      stuck,
      startDelay: {
        mean: meanOf(
          rows.reduce((sum, { lagSum }) => sum + lagSum, 0),
          rows.reduce((sum, { lagged }) => sum + lagged, 0),
        ),
        ...quantilesOf(lags),
        samples: [...lags.values()].reduce((sum, n) => sum + n, 0),
      },
    },
    load: {
      startedLastHour: hour.started,
      perMinute: toHundredths(hour.started / 60),
      judgedLastHour: judged,
      failedLastHour: failed,
      failureRateLastHour: errorRateOf(hour),
      uptimeMs: upSince === null ? 0 : Math.max(0, at - upSince),
      requests: quantilesOf(histogramOfTimes(requests.times)),
      requestSamples: Math.min(requests.calls, MOST_SAMPLES),
      requestFailureRate: percentOf(requests.failed, requests.calls),
      objectErrors: vitals.objectErrors,
    },
    database: {
      ...quantilesOf(histogramOfTimes(database.times)),
      samples: Math.min(database.statements, MOST_SAMPLES),
      failureRate: percentOf(database.failed, database.statements + database.failed),
      rowsReadMean: perStatement(database.rowsRead, database.statements),
      rowsWrittenMean: perStatement(database.rowsWritten, database.statements),
    },
    services: servicePerformance(servicesOfResult(services!)),
  };
  return { ...measured, alerts: alertsOf(measured, at) };
};

const perStatement = (rows: number, statements: number): number =>
  statements === 0 ? 0 : toHundredths(rows / statements);
