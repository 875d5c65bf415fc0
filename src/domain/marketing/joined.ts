// The triggers and actions of a workflow, with how they belong to it.
import { readJoined as queryJoined } from "../../db/queries/marketing-joins.ts";
import type { Json } from "../../lib/json.ts";
import type { Database } from "../ports.ts";
import { type Action, type Condition, partOf, type Trigger } from "./part.ts";

export type TriggerOfWorkflow = { trigger: Trigger; priority: number; specificConditions: Json; createdAt: number };
export type ActionOfWorkflow = {
  action: Action;
  /** Null: as the action says. */
  position: number | null;
  isRequired: boolean;
  condition: Condition | null;
  createdAt: number;
};
export type Joined = { triggers: TriggerOfWorkflow[]; actions: ActionOfWorkflow[] };

export const orderOf = ({ position, action }: ActionOfWorkflow): number => position ?? action.body.order;

/** As they start and as they run. */
export const inOrder = ({ triggers, actions }: Joined): Joined => ({
  triggers: triggers.toSorted((a, b) => b.priority - a.priority || a.createdAt - b.createdAt),
  actions: actions.toSorted((a, b) => orderOf(a) - orderOf(b) || a.createdAt - b.createdAt),
});

export const readJoined = async (db: Database, organizationId: string, workflowId: string): Promise<Joined> => {
  const { triggers, actions } = await queryJoined(db, organizationId, workflowId);
  return inOrder({
    triggers: triggers.map(({ join, trigger }) => ({
      trigger: partOf<"trigger">(trigger),
      priority: join.priority,
      specificConditions: join.specificConditions,
      createdAt: join.createdAt,
    })),
    actions: actions.map(({ join, action, condition }) => ({
      action: partOf<"action">(action),
      position: join.position,
      isRequired: join.isRequired,
      condition: condition && partOf<"condition">(condition),
      createdAt: join.createdAt,
    })),
  });
};
