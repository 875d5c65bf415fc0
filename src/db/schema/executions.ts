// The index of executions. The `Execution` object is the truth; rows come by projection, newest `seq` wins. execution_counts and
// execution_rollups follow by triggers (migrations/), so org, workflow, created_at and dry_run of a row never change.
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { flag, jsonObject, organizationId, time } from "./columns.ts";

/** PERSISTED CONTRACT: what is not told is absent. Times in epoch ms. */
export type StoredStep = {
  nodeId: string;
  nodeType: string;
  visit: number;
  status: string;
  startedAt: number;
  endedAt?: number;
  attempts: number;
  error?: string;
  waitMs?: number;
  service?: string;
};

export const executions = sqliteTable(
  "executions",
  {
    organizationId: organizationId(),
    /** UUIDv7: the order of ids is the order of starts. */
    id: text("id").notNull(),
    workflowId: text("workflow_id").notNull(),
    versionId: text("version_id").notNull(),
    status: text("status", {
      enum: ["queued", "running", "waiting", "completed", "failed", "cancelled", "timed_out"],
    }).notNull(),
    /** Journal sequence that this row shows. */
    seq: integer("seq").notNull(),
    eventId: text("event_id"),
    /** Type of the event that started it. */
    triggerType: text("trigger_type").notNull(),
    startedAt: time("started_at"),
    endedAt: time("ended_at"),
    durationMs: integer("duration_ms"),
    nodesExecuted: integer("nodes_executed").notNull().default(0),
    /** How often each counted node was entered, by its id; null where nothing is counted. node_entries follows. */
    entries: jsonObject("entries"),
    error: text("error"),
    errorCode: text("error_code"),
    errorNodeId: text("error_node_id"),
    /** 1 to 10, 10 first. */
    priority: integer("priority").notNull().default(5),
    parentId: text("parent_id"),
    /** When its object should wake at the latest; the sweeper pokes what is overdue. Null when final. */
    nextWakeAt: time("next_wake_at"),
    dryRun: flag("dry_run").notNull().default(false),
    /** When it was to start, where somebody said so; null: at once. */
    scheduledAt: time("scheduled_at"),
    /** The run that it repeats, and how often that was done before it. */
    retryOf: text("retry_of"),
    retries: integer("retries").notNull().default(0),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
    /** Whoever wrote it has counted it as well, with others (migrations/, new_executions). */
    tallied: flag("tallied").notNull().default(false),
    /** By its `n`, what lists and analytics need of each visit (execution-steps.ts); last, because most readers of a row do without. */
    steps: text("steps", { mode: "json" }).$type<Record<string, StoredStep>>(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    index("executions_workflow").on(table.organizationId, table.workflowId, table.id),
    index("executions_workflow_status").on(table.organizationId, table.workflowId, table.status, table.id),
    index("executions_status").on(table.organizationId, table.status, table.id),
    index("executions_event").on(table.organizationId, table.eventId).where(sql`${table.eventId} is not null`),
    // Tests are few, and those of another priority than the usual one.
    index("executions_tests").on(table.organizationId, table.id).where(sql`${table.dryRun} = 1`),
    index("executions_priority").on(table.organizationId, table.priority, table.id).where(sql`${table.priority} <> 5`),
    // Across organisations, for the sweeper.
    index("executions_wake").on(table.nextWakeAt).where(sql`${table.nextWakeAt} is not null`),
  ],
);
