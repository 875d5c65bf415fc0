// Which triggers and actions a marketing workflow has. What a run does is the workflow's definition, compiled from these.
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { flag, jsonValue, organizationId, time } from "./columns.ts";

export const marketingWorkflowTriggers = sqliteTable(
  "marketing_workflow_triggers",
  {
    organizationId: organizationId(),
    workflowId: text("workflow_id").notNull(),
    triggerId: text("trigger_id").notNull(),
    /** Higher starts first. */
    priority: integer("priority").notNull(),
    /** A condition tree as it was sent, beside the trigger's own filters; null without. */
    specificConditions: jsonValue("specific_conditions"),
    createdAt: time("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.workflowId, table.triggerId] }),
    index("marketing_workflow_triggers_trigger").on(table.organizationId, table.triggerId),
  ],
);

export const marketingWorkflowActions = sqliteTable(
  "marketing_workflow_actions",
  {
    organizationId: organizationId(),
    workflowId: text("workflow_id").notNull(),
    actionId: text("action_id").notNull(),
    /** Lower runs first; null: as the action itself says. */
    position: integer("position"),
    /** When it fails the run fails; else that is logged and passed. */
    isRequired: flag("is_required").notNull(),
    /** A condition that must hold when its turn comes. */
    conditionId: text("condition_id"),
    createdAt: time("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.workflowId, table.actionId] }),
    index("marketing_workflow_actions_action").on(table.organizationId, table.actionId),
    index("marketing_workflow_actions_condition").on(table.organizationId, table.conditionId),
  ],
);
