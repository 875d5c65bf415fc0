// Triggers and actions come to a workflow and leave it.
import {
  deleteActionJoin,
  deleteTriggerJoin,
  refuseLostConditions,
  upsertActionJoin,
  upsertTriggerJoin,
  wouldLoseConditions,
} from "../../db/queries/marketing-joins.ts";
import { findPart, refuseWithoutPart } from "../../db/queries/marketing-parts.ts";
import type { Json } from "../../lib/json.ts";
import type { Context } from "../context.ts";
import { invalid, notFound } from "../errors.ts";
import { changing } from "../workflow/changing.ts";
import { refuse, treeProblems } from "./check-part.ts";
import { isTree } from "./compile-workflow.ts";
import { type ActionOfWorkflow, type Joined, readJoined, type TriggerOfWorkflow } from "./joined.ts";
import { MAX_ACTIONS, MAX_TRIGGERS } from "./limits.ts";
import { openForChange } from "./open-workflow.ts";
import { type Action, type Part, type PartKind, partOf } from "./part.ts";
import { saveWorkflow } from "./save-workflow.ts";

const partFor = async <K extends PartKind>({ principal, ports }: Context, kind: K, id: string): Promise<Part<K>> => {
  const found = await findPart(ports.db, { organizationId: principal.organizationId, kind, id });
  if (!found) throw notFound(kind);
  return partOf<K>(found);
};

/** The workflow as it will be, saved with `statements`; or nothing. */
const joining = <T>(
  context: Context,
  workflowId: string,
  change: (
    joined: Joined,
    workflow: { organizationId: string; id: string },
  ) => Promise<{ joined: Joined; statements: D1PreparedStatement[]; answer: T }>,
): Promise<T> =>
  changing(async () => {
    const workflow = await openForChange(context, workflowId);
    const before = await readJoined(context.ports.db, workflow.organizationId, workflowId);
    const { joined, statements, answer } = await change(before, workflow);
    await saveWorkflow(context, workflow, { joined, statements, details: { fields: ["definition"] } });
    return answer;
  });

/** Priority 0 and no further conditions when they are not said; a trigger that it has already takes the new ones. */
export const addTrigger = (
  context: Context,
  workflowId: string,
  { triggerId, priority, specificConditions }: { triggerId: string; priority: number; specificConditions: Json },
): Promise<TriggerOfWorkflow> =>
  joining(context, workflowId, async ({ triggers, actions }, workflow) => {
    const { organizationId } = workflow;
    const trigger = await partFor(context, "trigger", triggerId);
    if (isTree(specificConditions) && (trigger.body.schedule ?? null) !== null) throw conditionsOfSchedule();
    if (specificConditions !== null) refuse(treeProblems(specificConditions, "specific_conditions"));
    const known = triggers.find((one) => one.trigger.id === triggerId);
    if (!known && triggers.length >= MAX_TRIGGERS)
      throw invalid("trigger_id", `A workflow may have at most ${MAX_TRIGGERS} triggers.`);
    const createdAt = known?.createdAt ?? context.ports.now();
    const answer = { trigger, priority, specificConditions, createdAt };
    const { db } = context.ports;
    const statements = [
      refuseWithoutPart(db, workflow, trigger),
      upsertTriggerJoin(db, {
        organizationId,
        workflowId,
        triggerId,
        priority,
        specificConditions,
        createdAt,
      }),
      refuseLostConditions(db, { organizationId, id: triggerId }),
    ];
    return { joined: { triggers: [...triggers.filter((one) => one !== known), answer], actions }, statements, answer };
  }).catch((error: unknown) => {
    // It was given times of its own in between.
    throw wouldLoseConditions(error) ? conditionsOfSchedule() : error;
  });

const conditionsOfSchedule = () => invalid("specific_conditions", "A trigger with times of its own has no conditions.");

export const removeTrigger = (context: Context, workflowId: string, triggerId: string): Promise<void> =>
  joining(context, workflowId, async ({ triggers, actions }, workflow) => {
    const rest = triggers.filter(({ trigger }) => trigger.id !== triggerId);
    if (rest.length === triggers.length) throw notFound("trigger");
    const statements = [deleteTriggerJoin(context.ports.db, workflow, triggerId)];
    return { joined: { triggers: rest, actions }, statements, answer: undefined };
  });

type Terms = { position: number | null; isRequired: boolean; conditionId: string | null };
export type ActionOrder = Terms & { actionId: string };

/** Its own order, required and without a condition when nothing is said; an action that it has already takes the new ones. */
export const addAction = (
  context: Context,
  workflowId: string,
  { actionId, ...terms }: ActionOrder,
): Promise<ActionOfWorkflow> =>
  joinAction(context, workflowId, terms, async () => ({
    action: await partFor(context, "action", actionId),
    statements: [],
  }));

/** `statements`, if it has to be made first. */
type Joining = { action: Action; statements: D1PreparedStatement[] };

export const joinAction = (
  context: Context,
  workflowId: string,
  { position, isRequired, conditionId }: Terms,
  get: () => Promise<Joining>,
): Promise<ActionOfWorkflow> =>
  joining(context, workflowId, async ({ triggers, actions }, workflow) => {
    const { organizationId } = workflow;
    const { db } = context.ports;
    const { action, statements: making } = await get();
    const condition = conditionId === null ? null : await partFor(context, "condition", conditionId);
    const known = actions.find((one) => one.action.id === action.id);
    if (!known && actions.length >= MAX_ACTIONS)
      throw invalid("action_id", `A workflow may have at most ${MAX_ACTIONS} actions.`);
    const createdAt = known?.createdAt ?? context.ports.now();
    const answer = { action, position, isRequired, condition, createdAt };
    const statements = [
      ...making,
      refuseWithoutPart(db, workflow, action),
      ...(condition ? [refuseWithoutPart(db, workflow, condition)] : []),
      upsertActionJoin(db, {
        organizationId,
        workflowId,
        actionId: action.id,
        position,
        isRequired,
        conditionId,
        createdAt,
      }),
    ];
    return { joined: { triggers, actions: [...actions.filter((one) => one !== known), answer] }, statements, answer };
  });

export const removeAction = (context: Context, workflowId: string, actionId: string): Promise<void> =>
  joining(context, workflowId, async ({ triggers, actions }, workflow) => {
    const rest = actions.filter(({ action }) => action.id !== actionId);
    if (rest.length === actions.length) throw notFound("action");
    const statements = [deleteActionJoin(context.ports.db, workflow, actionId)];
    return { joined: { triggers, actions: rest }, statements, answer: undefined };
  });
