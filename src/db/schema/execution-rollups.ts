// What became of a workflow's executions that were created on a day (UTC), dry runs left out; feeds all analytics and outlives the executions.
// Only triggers write here (migrations/), as the difference between a row before and after.
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

const tally = (name: string) => text(name, { mode: "json" }).$type<Record<string, number>>().notNull().default({});
const sum = (name: string) => integer(name).notNull().default(0);

export const executionRollups = sqliteTable(
  "execution_rollups",
  {
    organizationId: organizationId(),
    /** Epoch ms of the day's beginning. */
    day: time("day").notNull(),
    workflowId: text("workflow_id").notNull(),
    started: sum("started"),
    completed: sum("completed"),
    failed: sum("failed"),
    cancelled: sum("cancelled"),
    timedOut: sum("timed_out"),
    /** Of those that ended, in ms. */
    durationSum: sum("duration_sum"),
    durationMax: sum("duration_max"),
    /** Nodes that the ended ones visited. */
    nodes: sum("nodes"),
    /** Those whose start is known, and the time from their making to it in ms. */
    lagged: sum("lagged"),
    lagSum: sum("lag_sum"),
    /**
     * The day by quarters of an hour, the finest grain of a time zone: `<0..95><letter>`, s started, c completed, f failed, x cancelled, t timed
     * out, d duration in ms.
     */
    slots: tally("slots"),
    /** Durations of those that ended, and times to the start: `<hour 0..23>.<bucket>` (lib/histogram.ts). */
    durations: tally("durations"),
    lags: tally("lags"),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.day, table.workflowId] })],
);
