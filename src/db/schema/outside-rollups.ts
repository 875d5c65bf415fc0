// How the services answered that an organisation's executions call, by the hour in which the step ended. Written as node_rollups are.
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const outsideRollups = sqliteTable(
  "service_rollups",
  {
    organizationId: organizationId(),
    hour: time("hour").notNull(),
    /** A host, or a provider's name. */
    service: text("service").notNull(),
    /** Attempts. */
    calls: integer("calls").notNull(),
    failed: integer("failed").notNull(),
    ms: integer("ms").notNull(),
    /** Steps by the mean time of their attempts: `{"<bucket>": n}` (lib/histogram.ts). */
    times: text("times", { mode: "json" }).$type<Record<string, number>>().notNull(),
    lastFailedAt: time("last_failed_at"),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.hour, table.service] })],
);
