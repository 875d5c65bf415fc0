// trigger_schedule: times by a cron expression in a zone, one time, or a pause. Such an event names its node; nothing subscribes to it here.
import { z } from "zod";
import { checkSchedule } from "./schedule-terms.ts";
import { defineTrigger } from "./trigger.ts";

/** A year. */
const LONGEST_PAUSE_SECONDS = 31_536_000;

export const triggerSchedule = defineTrigger({
  type: "trigger_schedule",
  title: "Schedule",
  description:
    "Starts at the times of a cron expression of five fields, or @hourly, @daily, @weekly, @monthly, @yearly, in the clock of a time zone; or once at a " +
    "time; or again and again with the same pause. One of `cron`, `at` and `every_seconds` is needed.",
  schema: z.strictObject({
    cron: z
      .string()
      .max(200)
      .optional()
      .meta({ title: "Cron expression", examples: ["30 9 * * MON-FRI"] }),
    timezone: z
      .string()
      .max(64)
      .optional()
      .meta({ title: "Time zone", description: "IANA name; UTC when absent", examples: ["Europe/Berlin"] }),
    at: z.iso
      .datetime({ offset: true, error: "A date and time with its offset is needed, such as 2027-01-31T09:00:00Z." })
      .optional()
      .meta({ title: "Time", description: "Once, at this time", examples: ["2027-01-31T09:00:00Z"] }),
    every_seconds: z
      .int()
      .min(1)
      .max(LONGEST_PAUSE_SECONDS)
      .optional()
      .meta({ title: "Seconds between two runs", description: "The first one comes after so many", examples: [900] }),
  }),
  startedBy: "schedule",
  check: checkSchedule,
  subscriptions: () => [],
});
