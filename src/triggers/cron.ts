// Cron times in a zone. Daylight saving follows Vixie cron: a fixed time that is skipped runs right after the gap, one that comes twice runs
// once; an interval (`*`, `/`) skips what does not exist and runs on both passes of a repeated hour.
import { Cron } from "croner";
import { err, ok, type Result } from "../lib/result.ts";
import { isTimeZone } from "../lib/time-zone.ts";

/** Five fields (minute hour day month weekday) or a nickname; `timezone` an IANA name, UTC when absent. */
export type CronTerms = { cron: string; timezone?: string | undefined };
export type CronFault = { path: "cron" | "timezone"; message: string };

const NICKNAMES = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

const parse = ({ cron, timezone }: CronTerms): Result<Cron, CronFault> => {
  if (timezone !== undefined && !isTimeZone(timezone))
    return err({ path: "timezone", message: `'${timezone}' is not an IANA time zone such as Europe/Berlin.` });
  const pattern = cron.trim();
  if (pattern.startsWith("@") ? !NICKNAMES.includes(pattern.toLowerCase()) : pattern.split(/\s+/).length !== 5) {
    return err({
      path: "cron",
      message: `Five fields are needed (minute hour day month weekday), or one of ${NICKNAMES.join(", ")}.`,
    });
  }
  try {
    return ok(new Cron(pattern, { timezone: timezone ?? "UTC", fixedTimeRule: "no-wildcard", paused: true }));
  } catch (error) {
    const message = (error as Error).message.replace(/^CronPattern: /, "");
    return err({ path: "cron", message: `This is not a cron expression: ${message}` });
  }
};

/** What is wrong with it; undefined when it has a next time. `after` is epoch ms. */
export const checkCron = (terms: CronTerms): CronFault | undefined => {
  const parsed = parse(terms);
  if (!parsed.ok) return parsed.error;
  // A leap day is at most eight years away: what finds nothing from a fixed day on (30 February) never will.
  return parsed.value.nextRun(new Date(0)) === null ? { path: "cron", message: "There is no such day." } : undefined;
};

/** The first time later than `after`, both epoch ms; null when there is none or the terms are wrong. */
export const nextRun = (terms: CronTerms, after: number): number | null => {
  const parsed = parse(terms);
  return parsed.ok ? (parsed.value.nextRun(new Date(after))?.getTime() ?? null) : null;
};
