// When a schedule runs: by a cron expression in a zone, once at a time, or again and again with the same pause. Pure: clocks are their callers'.
import { checkCron, nextRun } from "./cron.ts";

/** PERSISTED CONTRACT. One of `cron`, `at` (epoch ms) and `everyMs`; the others are null. */
export type ScheduleTerms = { cron: string | null; timezone: string; at: number | null; everyMs: number | null };

export type ScheduleConfig = { cron?: string; timezone?: string; at?: string; every_seconds?: number };

export type ScheduleFault = { path: "cron" | "timezone" | "at" | "every_seconds"; message: string };

export const scheduleTermsOf = ({ cron, timezone = "UTC", at, every_seconds }: ScheduleConfig): ScheduleTerms => ({
  cron: cron ?? null,
  timezone,
  at: at === undefined ? null : Date.parse(at),
  everyMs: every_seconds === undefined ? null : every_seconds * 1000,
});

/** What is wrong with a config that has the right shape. */
export const checkSchedule = ({ cron, timezone, at, every_seconds }: ScheduleConfig): ScheduleFault[] => {
  const said = [cron, at, every_seconds].filter((term) => term !== undefined);
  if (said.length === 0) return [{ path: "cron", message: "This field is required." }];
  if (said.length > 1) {
    const path = at === undefined ? "every_seconds" : "at";
    return [{ path, message: "One of cron, at and every_seconds is needed, not several." }];
  }
  if (cron === undefined) {
    return timezone === undefined ? [] : [{ path: "timezone", message: "Only a cron expression has a time zone." }];
  }
  const fault = checkCron({ cron, timezone });
  return fault ? [fault] : [];
};

/** The first time later than `after`, both epoch ms; null when there is none. What recurs counts from `after`. */
export const nextTime = ({ cron, timezone, at, everyMs }: ScheduleTerms, after: number): number | null => {
  if (at !== null) return at > after ? at : null;
  if (everyMs !== null) return after + everyMs;
  return cron === null ? null : nextRun({ cron, timezone }, after);
};

export const sameTerms = (a: ScheduleTerms, b: ScheduleTerms): boolean =>
  a.cron === b.cron && a.timezone === b.timezone && a.at === b.at && a.everyMs === b.everyMs;
