// trigger_schedule: times by a cron expression in a zone. Such an event names its node; nothing subscribes to it here.
import { z } from "zod";
import { checkCron } from "./cron.ts";
import { defineTrigger } from "./trigger.ts";

export const triggerSchedule = defineTrigger({
  type: "trigger_schedule",
  title: "Schedule",
  description:
    "Starts at the times of a cron expression of five fields, or @hourly, @daily, @weekly, @monthly, @yearly, in the clock of a time zone.",
  schema: z.strictObject({
    cron: z
      .string({ error: ({ input }) => (input === undefined ? "This field is required." : "A text is needed.") })
      .max(200)
      .meta({ title: "Cron expression", examples: ["30 9 * * MON-FRI"] }),
    timezone: z
      .string()
      .max(64)
      .optional()
      .meta({ title: "Time zone", description: "IANA name; UTC when absent", examples: ["Europe/Berlin"] }),
  }),
  startedBy: "schedule",
  check: (config) => {
    const fault = checkCron(config);
    return fault ? [fault] : [];
  },
  subscriptions: () => [],
});
