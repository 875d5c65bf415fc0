// What an isolate notices of how it goes: the database's answers, its own, and errors of objects. Kept in memory until it is taken away to where
// those of all isolates are added up (objects/heartbeat.ts): what dies with an isolate is a part of a minute. Of nobody in particular: no names, no
// ids.
import { bucketOf } from "./histogram.ts";

/** Histogram buckets as an object, so that it can be told and stored. */
export type Times = Record<number, number>;

/** PERSISTED CONTRACT: the heartbeat keeps them. */
export type Vitals = {
  /** Statements, as the database speaks of its work on them; `failed`: calls that it could not answer. */
  database: { statements: number; failed: number; rowsRead: number; rowsWritten: number; times: Times };
  /** HTTP requests; `failed`: answered by 5xx. */
  requests: { calls: number; failed: number; times: Times };
  objectErrors: number;
};

export const noVitals = (): Vitals => ({
  database: { statements: 0, failed: 0, rowsRead: 0, rowsWritten: 0, times: {} },
  requests: { calls: 0, failed: 0, times: {} },
  objectErrors: 0,
});

const count = (times: Times, ms: number): void => {
  const bucket = bucketOf(Math.max(0, ms));
  times[bucket] = (times[bucket] ?? 0) + 1;
};

let current = noVitals();

/** `duration` in ms, without the way to the database and back. */
export const noteStatements = (
  metas: readonly {
    duration?: number | undefined;
    rows_read?: number | undefined;
    rows_written?: number | undefined;
  }[],
): void => {
  const { database } = current;
  for (const meta of metas) {
    database.statements++;
    database.rowsRead += meta.rows_read ?? 0;
    database.rowsWritten += meta.rows_written ?? 0;
    count(database.times, meta.duration ?? 0);
  }
};

export const noteDatabaseFailure = (): void => {
  current.database.failed++;
};

export const noteRequest = (ms: number, status: number): void => {
  const { requests } = current;
  requests.calls++;
  if (status >= 500) requests.failed++;
  count(requests.times, ms);
};

export const noteObjectError = (): void => {
  current.objectErrors++;
};

/** What has been noticed since the last time that this was asked. */
export const takeVitals = (): Vitals => {
  const taken = current;
  current = noVitals();
  return taken;
};

const addTimes = (to: Times, more: Times): void => {
  for (const [bucket, n] of Object.entries(more)) to[Number(bucket)] = (to[Number(bucket)] ?? 0) + n;
};

export const addVitals = (all: readonly Vitals[]): Vitals => {
  const sum = noVitals();
  for (const { database, requests, objectErrors } of all) {
    sum.database.failed += database.failed;
    sum.database.statements += database.statements;
    sum.database.rowsRead += database.rowsRead;
    sum.database.rowsWritten += database.rowsWritten;
    addTimes(sum.database.times, database.times);
    sum.requests.calls += requests.calls;
    sum.requests.failed += requests.failed;
    addTimes(sum.requests.times, requests.times);
    sum.objectErrors += objectErrors;
  }
  return sum;
};
