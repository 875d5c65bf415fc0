// What active workflows listen for. Rebuilt from the published version whenever it changes.
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonObject, jsonStrings, jsonValue, organizationId } from "./columns.ts";

export const subscriptions = sqliteTable(
  "subscriptions",
  {
    n: integer("n").primaryKey({ autoIncrement: true }),
    organizationId: organizationId(),
    eventType: text("event_type").notNull(),
    /** Must equal the event's own key (a command's name) to match; null matches any event of the type. */
    matchKey: text("match_key"),
    workflowId: text("workflow_id").notNull(),
    versionId: text("version_id").notNull(),
    /** Trigger nodes where the run starts. */
    nodeIds: jsonStrings("node_ids").notNull(),
    /** Which trigger type judges the filters (triggers/). */
    triggerType: text("trigger_type").notNull().default(""),
    /** A condition tree, judged after the key. */
    filters: jsonValue("filters"),
    /** What its trigger type picks by, beside the key: a keyword as it was written; null without. */
    terms: jsonObject("terms"),
    /** What the workflow's runs start with; filters read it as `variables`. */
    variables: jsonObject("variables").notNull().default({}),
    /** What bounds the starts (domain/event/start-rules.ts); null without. */
    rules: jsonObject("rules"),
    /** Higher starts first. */
    priority: integer("priority").notNull().default(0),
  },
  (table) => [
    index("subscriptions_event").on(table.organizationId, table.eventType, table.matchKey),
    index("subscriptions_workflow").on(table.organizationId, table.workflowId),
  ],
);
