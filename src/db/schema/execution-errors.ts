// Why a workflow's executions that were created on a day (UTC) failed or ran out of time, dry runs left out; outlives them. Only triggers write
// here (migrations/).
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonStrings, organizationId, time } from "./columns.ts";

export const executionErrors = sqliteTable(
  "execution_errors",
  {
    organizationId: organizationId(),
    day: time("day").notNull(),
    workflowId: text("workflow_id").notNull(),
    /** '' where none is known. */
    code: text("code").notNull(),
    /** '' when no node is to blame. */
    nodeId: text("node_id").notNull(),
    n: integer("n").notNull(),
    /** Of the latest. */
    message: text("message").notNull().default(""),
    /** When the first and the last of them ended. */
    firstAt: time("first_at").notNull(),
    lastAt: time("last_at").notNull(),
    /** By quarters of an hour in which they were created: `{"<0..95>": n}`. */
    slots: text("slots", { mode: "json" }).$type<Record<string, number>>().notNull().default({}),
    /** Ids of the latest executions, latest first, 5 at the most. */
    samples: jsonStrings("samples").notNull().default([]),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.day, table.workflowId, table.code, table.nodeId] })],
);
