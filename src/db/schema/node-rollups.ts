// How long the nodes of a workflow took and how they ended, by the day (UTC) on which their visits ended, dry runs left out; outlives the steps.
// Written in the batch that writes steps (db/queries/projections.ts): a visit counts when its row first has an end.
import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const nodeRollups = sqliteTable(
  "node_rollups",
  {
    organizationId: organizationId(),
    day: time("day").notNull(),
    workflowId: text("workflow_id").notNull(),
    /**
     * By `<node type>/<node id>`: `n` visits, `ok`, `failed` (the rest were cancelled or skipped), `tries`, `ms` at work, `wait` ms waiting for
     * time, events and retries, `late` that waited for something that did not come in time, and how many took how long at work by bucket
     * (lib/histogram.ts). `<node type>/`: of nodes for which the row has no room.
     */
    nodes: text("nodes", { mode: "json" }).$type<Record<string, Record<string, number>>>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.day, table.workflowId] })],
);
