// A length of time as people configure it (`{duration: 2, unit: "hours"}`), in milliseconds.
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../lib/durations.ts";
import type { Result } from "../../lib/result.ts";
import { err, ok } from "../../lib/result.ts";
import { numberOf } from "./compare.ts";

const UNITS = {
  millisecond: 1,
  second: 1000,
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
} as const;

const SHORT: Record<string, keyof typeof UNITS> = {
  ms: "millisecond",
  s: "second",
  sec: "second",
  m: "minute",
  min: "minute",
  h: "hour",
  hr: "hour",
  d: "day",
  w: "week",
};

export const DURATION_UNITS = ["milliseconds", "seconds", "minutes", "hours", "days", "weeks"] as const;

/** Ten years of 365.25 days. */
export const MAX_DURATION_MS = 10 * 365.25 * UNITS.day;

export type DurationFault = { path: "duration" | "unit"; message: string };

const unitOf = (text: string): keyof typeof UNITS | undefined => {
  const word = text.toLowerCase();
  const name = word.replace(/s$/, "");
  if (Object.hasOwn(UNITS, name)) return name as keyof typeof UNITS;
  const short = Object.hasOwn(SHORT, word) ? word : name;
  return Object.hasOwn(SHORT, short) ? SHORT[short] : undefined;
};

/**
 * Whole milliseconds, 0 to `MAX_DURATION_MS`. The number may be its text, the unit singular, plural or short (`ms`, `s`, `min`, `h`, `d`) in
 * any case.
 * @param defaultUnit the unit when none is given
 */
export const durationMs = (
  input: { duration: unknown; unit?: unknown },
  defaultUnit: (typeof DURATION_UNITS)[number] = "seconds",
): Result<number, DurationFault> => {
  const unit = input.unit ?? defaultUnit;
  const name = typeof unit === "string" ? unitOf(unit) : undefined;
  if (!name) return err({ path: "unit", message: `Use one of ${DURATION_UNITS.join(", ")}.` });
  const amount = numberOf(input.duration);
  if (amount === undefined) return err({ path: "duration", message: "A number is needed." });
  if (amount < 0) return err({ path: "duration", message: "It cannot be negative." });
  const ms = Math.round(amount * UNITS[name]);
  return ms <= MAX_DURATION_MS ? ok(ms) : err({ path: "duration", message: "It cannot be longer than ten years." });
};
