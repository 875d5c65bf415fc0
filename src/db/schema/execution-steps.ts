// One row for each visit of a node, as lists and analytics need it; inputs, outputs and logs stay in the `Execution` object. A view of
// `executions.steps`: what is written is the run's row.
import { integer, sqliteView, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const executionSteps = sqliteView("execution_steps", {
  organizationId: organizationId(),
  executionId: text("execution_id").notNull(),
  /** 1, 2, 3 … in the order in which visits began. */
  n: integer("n").notNull(),
  nodeId: text("node_id").notNull(),
  nodeType: text("node_type").notNull(),
  visit: integer("visit").notNull(),
  status: text("status").notNull(),
  startedAt: time("started_at").notNull(),
  endedAt: time("ended_at"),
  attempts: integer("attempts").notNull(),
  error: text("error"),
  /** Of its time, waiting for time, events and retries, in ms. */
  waitMs: integer("wait_ms").notNull(),
  /** Who was called: a host or a provider. */
  service: text("service"),
}).existing();
