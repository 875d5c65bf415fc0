// Which triggers and actions marketing workflows have, with the parts themselves.
import { and, asc, count, desc, eq, getTableColumns, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import { orm, statementOf, wasAborted } from "../d1.ts";
import {
  marketingWorkflowActions as actionJoins,
  marketingParts,
  marketingWorkflowTriggers as triggerJoins,
  workflows,
} from "../schema.ts";
import { type PartRow, partColumns } from "./marketing-parts.ts";
import { notHidden, type WorkflowRow } from "./workflows.ts";

export type TriggerJoin = typeof triggerJoins.$inferSelect;
export type ActionJoin = typeof actionJoins.$inferSelect;
export type JoinedTrigger = { join: TriggerJoin; trigger: PartRow };
export type JoinedAction = { join: ActionJoin; action: PartRow; condition: PartRow | null };
export type Joined = { triggers: JoinedTrigger[]; actions: JoinedAction[] };

const conditions = alias(marketingParts, "conditions");
const { n: _, ...conditionColumns } = getTableColumns(conditions);

const partOf = (kind: PartRow["kind"], organizationId: unknown, id: unknown, parts = marketingParts): SQL =>
  sql`${parts.organizationId} = ${organizationId} AND ${parts.kind} = ${kind} AND ${parts.id} = ${id}`;

/** Triggers by priority, actions in the order in which they were joined. */
export const readJoined = async (db: D1Database, organizationId: string, workflowId: string): Promise<Joined> => {
  // Not a batch: its rows are objects, in which columns of the same name would be one.
  const [triggers, actions] = await Promise.all([
    orm(db)
      .select({ join: triggerJoins, trigger: partColumns })
      .from(triggerJoins)
      .innerJoin(marketingParts, partOf("trigger", triggerJoins.organizationId, triggerJoins.triggerId))
      .where(and(eq(triggerJoins.organizationId, organizationId), eq(triggerJoins.workflowId, workflowId)))
      .orderBy(desc(triggerJoins.priority), asc(triggerJoins.createdAt), asc(triggerJoins.triggerId)),
    orm(db)
      .select({ join: actionJoins, action: partColumns, condition: conditionColumns })
      .from(actionJoins)
      .innerJoin(marketingParts, partOf("action", actionJoins.organizationId, actionJoins.actionId))
      .leftJoin(
        conditions,
        partOf("condition", actionJoins.organizationId, actionJoins.conditionId, conditions as never),
      )
      .where(and(eq(actionJoins.organizationId, organizationId), eq(actionJoins.workflowId, workflowId)))
      .orderBy(asc(actionJoins.createdAt), asc(actionJoins.actionId)),
  ]);
  return { triggers, actions };
};

export const upsertTriggerJoin = (db: D1Database, row: TriggerJoin): D1PreparedStatement =>
  statementOf(
    db,
    orm(db)
      .insert(triggerJoins)
      .values(row)
      .onConflictDoUpdate({
        target: [triggerJoins.organizationId, triggerJoins.workflowId, triggerJoins.triggerId],
        set: { priority: row.priority, specificConditions: row.specificConditions },
      }),
  );

/**
 * To go last in its batch, and fails it when a workflow has conditions of its own for a trigger with times of its own: they would be lost. The
 * column takes no null.
 */
export const refuseLostConditions = (
  db: D1Database,
  { organizationId, id }: { organizationId: string; id: string },
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE marketing_parts SET name = NULL WHERE org_id = ?1 AND kind = 'trigger' AND id = ?2 AND body ->> '$.schedule' IS NOT NULL
         AND EXISTS (SELECT 1 FROM marketing_workflow_triggers j WHERE j.org_id = ?1 AND j.trigger_id = ?2
           AND j.specific_conditions NOT IN ('null', '{}', '[]'))`,
    )
    .bind(organizationId, id);

/** True when `refuseLostConditions` failed the batch. */
export const wouldLoseConditions = (error: unknown): boolean =>
  wasAborted(error, "NOT NULL constraint failed: marketing_parts.name");

export const upsertActionJoin = (db: D1Database, row: ActionJoin): D1PreparedStatement =>
  statementOf(
    db,
    orm(db)
      .insert(actionJoins)
      .values(row)
      .onConflictDoUpdate({
        target: [actionJoins.organizationId, actionJoins.workflowId, actionJoins.actionId],
        set: { position: row.position, isRequired: row.isRequired, conditionId: row.conditionId },
      }),
  );

type Workflow = { organizationId: string; id: string };

export const deleteTriggerJoin = (db: D1Database, { organizationId, id }: Workflow, triggerId: string) =>
  db
    .prepare("DELETE FROM marketing_workflow_triggers WHERE org_id = ?1 AND workflow_id = ?2 AND trigger_id = ?3")
    .bind(organizationId, id, triggerId);

export const deleteActionJoin = (db: D1Database, { organizationId, id }: Workflow, actionId: string) =>
  db
    .prepare("DELETE FROM marketing_workflow_actions WHERE org_id = ?1 AND workflow_id = ?2 AND action_id = ?3")
    .bind(organizationId, id, actionId);

/** Of a workflow that goes. */
export const deleteJoinsOfWorkflow = (db: D1Database, { organizationId, id }: Workflow): D1PreparedStatement[] =>
  ["marketing_workflow_triggers", "marketing_workflow_actions"].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE org_id = ?1 AND workflow_id = ?2`).bind(organizationId, id),
  );

/** Of a trigger or an action that goes. */
export const deleteJoinsOfPart = (
  db: D1Database,
  { organizationId, id }: Workflow,
  kind: "trigger" | "action",
): D1PreparedStatement =>
  db.prepare(`DELETE FROM marketing_workflow_${kind}s WHERE org_id = ?1 AND ${kind}_id = ?2`).bind(organizationId, id);

/** Ids of workflows that have a part: ?1 is the organisation, ?2 the part. */
export const USERS = {
  trigger: "SELECT workflow_id FROM marketing_workflow_triggers WHERE org_id = ?1 AND trigger_id = ?2",
  action: "SELECT workflow_id FROM marketing_workflow_actions WHERE org_id = ?1 AND action_id = ?2",
  condition: "SELECT workflow_id FROM marketing_workflow_actions WHERE org_id = ?1 AND condition_id = ?2",
} as const;

export type Using = Pick<WorkflowRow, "id" | "name" | "status">;

/** Workflows that have the part, oldest first. */
export const workflowsUsing = async (
  db: D1Database,
  organizationId: string,
  kind: keyof typeof USERS,
  id: string,
): Promise<Using[]> => {
  const { results } = await db
    .prepare(
      `SELECT id, name, status FROM workflows WHERE org_id = ?1 AND id IN (${USERS[kind]}) ORDER BY created_at, n`,
    )
    .bind(organizationId, id)
    .all<Using>();
  return results;
};

export type WorkflowOfTrigger = Using & Pick<TriggerJoin, "priority" | "specificConditions">;

/** Newest first; without those that were hidden from the user. */
export const listWorkflowsOfTrigger = async (
  db: D1Database,
  organizationId: string,
  { triggerId, visibleTo }: { triggerId: string; visibleTo?: string },
  page: { limit: number; offset: number },
): Promise<{ rows: WorkflowOfTrigger[]; total: number }> => {
  const wanted = and(
    eq(triggerJoins.organizationId, organizationId),
    eq(triggerJoins.triggerId, triggerId),
    visibleTo === undefined ? undefined : notHidden(visibleTo),
  );
  const joined = sql`${workflows.organizationId} = ${triggerJoins.organizationId} AND ${workflows.id} = ${triggerJoins.workflowId}`;
  const { priority, specificConditions } = triggerJoins;
  const [rows, totals] = await Promise.all([
    orm(db)
      .select({ id: workflows.id, name: workflows.name, status: workflows.status, priority, specificConditions })
      .from(triggerJoins)
      .innerJoin(workflows, joined)
      .where(wanted)
      .orderBy(desc(workflows.createdAt), desc(workflows.n))
      .limit(page.limit)
      .offset(page.offset),
    orm(db).select({ n: count() }).from(triggerJoins).innerJoin(workflows, joined).where(wanted),
  ]);
  return { rows, total: totals[0]!.n };
};

export type Counts = { id: string; actions: number; triggers: number; executions: number };

/** How many triggers and actions workflows have (those of other APIs by their graphs), and executions in their lists. */
export const countsOf = async (db: D1Database, organizationId: string, ids: string[]): Promise<Map<string, Counts>> => {
  const { results } = await db
    .prepare(
      `SELECT w.id,
         CASE w.authoring WHEN 'marketing'
           THEN (SELECT count(*) FROM marketing_workflow_actions j WHERE j.org_id = w.org_id AND j.workflow_id = w.id)
           ELSE (SELECT count(*) FROM json_each(w.definition, '$.nodes') WHERE value ->> 'type' GLOB 'action_*') END AS actions,
         CASE w.authoring WHEN 'marketing'
           THEN (SELECT count(*) FROM marketing_workflow_triggers j WHERE j.org_id = w.org_id AND j.workflow_id = w.id)
           ELSE (SELECT count(*) FROM json_each(w.definition, '$.nodes') WHERE value ->> 'type' GLOB 'trigger_*') END AS triggers,
         (SELECT coalesce(sum(n), 0) FROM execution_counts c WHERE c.org_id = w.org_id AND c.workflow_id = w.id) AS executions
       FROM workflows w WHERE w.org_id = ?1 AND w.id IN (SELECT value FROM json_each(?2))`,
    )
    .bind(organizationId, JSON.stringify(ids))
    .all<Counts>();
  return new Map(results.map((counts) => [counts.id, counts]));
};

export const deleteWorkflowRow = (db: D1Database, { organizationId, id }: Workflow): D1PreparedStatement[] => [
  db.prepare("DELETE FROM workflow_permissions WHERE org_id = ?1 AND workflow_id = ?2").bind(organizationId, id),
  db.prepare("DELETE FROM workflows WHERE org_id = ?1 AND id = ?2").bind(organizationId, id),
];
