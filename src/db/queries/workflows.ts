// Workflows, their versions, and who may do what with one. What a published one listens for is listening.ts.
import { and, asc, count, desc, eq, getTableColumns, type SQL, sql } from "drizzle-orm";
import type { Json, JsonObject } from "../../lib/json.ts";
import { orm, statementOf, wasAborted } from "../d1.ts";
import { workflowPermissions, workflows, workflowVersions } from "../schema.ts";
import type { Role } from "./organizations.ts";
import { queueOf } from "./queue.ts";
import { spellingsOf } from "./spellings.ts";
import { variablesAt } from "./variables.ts";
import { watchedUntil } from "./watches.ts";

const { n: _, ...columns } = getTableColumns(workflows);
const { definition: _definition, wire: _wire, ...withoutGraph } = columns;
export const headColumns = withoutGraph;
const { canView, canEdit, canDelete, canExecute } = getTableColumns(workflowPermissions);
const grantColumns = { canView, canEdit, canDelete, canExecute };

export type WorkflowRow = Omit<typeof workflows.$inferSelect, "n" | "maxConcurrency" | "inputs"> & {
  /** Absent of one that was just made. */
  maxConcurrency?: number | null;
  inputs?: Json;
};
/** Without the graph, which may be large. */
export type WorkflowHead = Omit<WorkflowRow, "definition" | "wire"> & {
  /** Epoch ms until which somebody listens to it, null as a rule; of one that was opened by itself. */
  watchedUntil?: number | null;
  /** The limits of its organisation's queue as JSON text, null as a rule; of one that was opened by itself. */
  queue?: string | null;
  /** When its organisation's global variables changed last, null as a rule; of one that was opened by itself. */
  variablesAt?: number | null;
};
export type WorkflowVersionRow = typeof workflowVersions.$inferSelect;
export type WorkflowGrant = { canView: boolean; canEdit: boolean; canDelete: boolean; canExecute: boolean };

const watched = sql<number | null>`${sql.raw(watchedUntil('"workflows"."org_id"', '"workflows"."id"'))}`.as(
  "watchedUntil",
);

const queue = sql<string | null>`${sql.raw(queueOf('"workflows"."org_id"'))}`.as("queue");

const globals = sql<number | null>`${sql.raw(variablesAt('"workflows"."org_id"'))}`.as("variablesAt");

const byId = (organizationId: string, id: string) =>
  and(eq(workflows.organizationId, organizationId), eq(workflows.id, id));

const grantOf = (organizationId: string, userId: string) =>
  and(
    eq(workflowPermissions.organizationId, organizationId),
    eq(workflowPermissions.workflowId, workflows.id),
    eq(workflowPermissions.userId, userId),
  );

/** A workflow with what the user was explicitly granted. One read. */
export const findWorkflow = (
  db: D1Database,
  organizationId: string,
  id: string,
  userId: string,
): Promise<{ workflow: WorkflowRow; grant: WorkflowGrant | null } | undefined> =>
  orm(db)
    .select({ workflow: columns, grant: grantColumns })
    .from(workflows)
    .leftJoin(workflowPermissions, grantOf(organizationId, userId))
    .where(byId(organizationId, id))
    .get();

/** The same without the graph. */
export const findWorkflowHead = (
  db: D1Database,
  organizationId: string,
  id: string,
  userId: string,
): Promise<{ workflow: WorkflowHead; grant: WorkflowGrant | null } | undefined> =>
  orm(db)
    .select({ workflow: { ...headColumns, watchedUntil: watched, queue, variablesAt: globals }, grant: grantColumns })
    .from(workflows)
    .leftJoin(workflowPermissions, grantOf(organizationId, userId))
    .where(byId(organizationId, id))
    .get();

export type WorkflowFilter = {
  entityId?: number;
  status?: WorkflowRow["status"];
  /** In names and descriptions, any part of a word. */
  search?: string;
  /** Leaves out what was hidden from this user. */
  visibleTo?: string;
};

/** Three characters and more are looked up in the index of trigrams; fewer are none. */
export const matches = (search: string): SQL =>
  [...search].length >= 3
    ? sql`${workflows.n} IN (SELECT rowid FROM workflow_search WHERE workflow_search MATCH ${`"${search.replaceAll('"', '""')}"`})`
    : sql`EXISTS (SELECT 1 FROM json_each(${JSON.stringify(spellingsOf(search))})
        WHERE instr(${workflows.name}, value) > 0 OR instr(${workflows.description}, value) > 0)`;

export const notHidden = (userId: string): SQL =>
  sql`(${workflows.createdBy} = ${userId} OR NOT EXISTS (SELECT 1 FROM workflow_permissions p
    WHERE p.org_id = ${workflows.organizationId} AND p.workflow_id = ${workflows.id} AND p.user_id = ${userId} AND p.can_view = 0))`;

/** Newest first. */
export const listWorkflows = async (
  db: D1Database,
  organizationId: string,
  filter: WorkflowFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: WorkflowHead[]; total: number }> => {
  const wanted = and(
    eq(workflows.organizationId, organizationId),
    filter.entityId === undefined ? undefined : eq(workflows.entityId, filter.entityId),
    filter.status === undefined ? undefined : eq(workflows.status, filter.status),
    filter.search === undefined || filter.search === "" ? undefined : matches(filter.search),
    filter.visibleTo === undefined ? undefined : notHidden(filter.visibleTo),
  );
  const [rows, totals] = await orm(db).batch([
    orm(db)
      .select(headColumns)
      .from(workflows)
      .where(wanted)
      .orderBy(desc(workflows.createdAt), desc(workflows.n))
      .limit(page.limit)
      .offset(page.offset),
    orm(db).select({ n: count() }).from(workflows).where(wanted),
  ]);
  return { rows, total: totals[0]!.n };
};

/** A workflow that a run wants to start, and what whoever made the run's version is to it. `authorRole`: null for who has left. */
export type Subworkflow = {
  organizationId: string;
  workflowId: string;
  status: WorkflowRow["status"];
  versionId: string | null;
  createdBy: string;
  /** Epoch ms until which somebody listens to it; null as a rule. */
  watchedUntil: number | null;
  maxConcurrency: number | null;
  /** The limits of its organisation's queue as JSON text; null as a rule. */
  queue: string | null;
  /** When its organisation's global variables changed last; null as a rule. */
  variablesAt: number | null;
  author: string | null;
  authorRole: Role | null;
  /** JSON of what the author was explicitly granted. */
  grant: string | null;
  /** JSON of the published definition's settings. */
  settings: string | null;
};

export const selectSubworkflow = (
  db: D1Database,
  wanted: { organizationId: string; workflowId: string; byVersionId: string },
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT w.org_id AS organizationId, w.id AS workflowId, w.status, w.published_version_id AS versionId, w.created_by AS createdBy,
         ${watchedUntil("w.org_id", "w.id")} AS watchedUntil, w.max_concurrency AS maxConcurrency, ${queueOf("w.org_id")} AS queue,
         ${variablesAt("w.org_id")} AS variablesAt, v.created_by AS author, m.role AS authorRole,
         CASE WHEN p.user_id IS NOT NULL THEN json_object('canView', json(iif(p.can_view, 'true', 'false')),
           'canExecute', json(iif(p.can_execute, 'true', 'false'))) END AS "grant",
         (SELECT definition -> '$.settings' FROM workflow_versions t WHERE t.org_id = w.org_id AND t.id = w.published_version_id) AS settings
       FROM workflows w
       LEFT JOIN workflow_versions v ON v.org_id = w.org_id AND v.id = ?3
       LEFT JOIN members m ON m.org_id = w.org_id AND m.user_id = v.created_by
       LEFT JOIN workflow_permissions p ON p.org_id = w.org_id AND p.workflow_id = w.id AND p.user_id = v.created_by
       WHERE w.org_id = ?1 AND w.id = ?2`,
    )
    .bind(wanted.organizationId, wanted.workflowId, wanted.byVersionId);

export const insertWorkflow = (db: D1Database, row: WorkflowRow): D1PreparedStatement =>
  statementOf(db, orm(db).insert(workflows).values(row));

export const updateWorkflow = (
  db: D1Database,
  organizationId: string,
  id: string,
  change: Partial<Omit<WorkflowRow, "organizationId" | "id">>,
): D1PreparedStatement => statementOf(db, orm(db).update(workflows).set(change).where(byId(organizationId, id)));

/** Fails its batch when the workflow has been archived since it was read: the column takes no null. */
export const refuseArchived = (db: D1Database, organizationId: string, id: string): D1PreparedStatement =>
  db
    .prepare("UPDATE workflows SET status = NULL WHERE org_id = ?1 AND id = ?2 AND status = 'archived'")
    .bind(organizationId, id);

/** True when `refuseArchived` failed the batch. */
export const isArchivedMeanwhile = (error: unknown): boolean =>
  wasAborted(error, "NOT NULL constraint failed: workflows.status");

/** Fails its batch, as `refuseArchived` does, when the workflow is not as it was read. */
export const refuseChanged = (
  db: D1Database,
  { organizationId, id, status, updatedAt }: Pick<WorkflowRow, "organizationId" | "id" | "status" | "updatedAt">,
): D1PreparedStatement =>
  db
    .prepare("UPDATE workflows SET status = NULL WHERE org_id = ?1 AND id = ?2 AND (status <> ?3 OR updated_at <> ?4)")
    .bind(organizationId, id, status, updatedAt);

// ── Versions ──

/** The version with the highest number: the last that was published, or the last draft that ran. */
export const findLatestVersion = (
  db: D1Database,
  organizationId: string,
  workflowId: string,
): Promise<WorkflowVersionRow | undefined> =>
  orm(db)
    .select()
    .from(workflowVersions)
    .where(and(eq(workflowVersions.organizationId, organizationId), eq(workflowVersions.workflowId, workflowId)))
    .orderBy(desc(workflowVersions.number))
    .limit(1)
    .get();

/** Takes the next free number by itself, so that two at once do not collide. */
export const insertVersion = (
  db: D1Database,
  row: Omit<WorkflowVersionRow, "number"> & { definition: JsonObject },
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO workflow_versions (org_id, id, workflow_id, number, definition, created_by, created_at)
       SELECT ?1, ?2, ?3, coalesce(max(number), 0) + 1, ?4, ?5, ?6 FROM workflow_versions WHERE org_id = ?1 AND workflow_id = ?3`,
    )
    .bind(row.organizationId, row.id, row.workflowId, JSON.stringify(row.definition), row.createdBy, row.createdAt);

// ── Permissions ──

export type WorkflowPermission = WorkflowGrant & { userId: string };

export const listWorkflowPermissions = (
  db: D1Database,
  organizationId: string,
  workflowId: string,
): Promise<WorkflowPermission[]> =>
  orm(db)
    .select({ userId: workflowPermissions.userId, ...grantColumns })
    .from(workflowPermissions)
    .where(and(eq(workflowPermissions.organizationId, organizationId), eq(workflowPermissions.workflowId, workflowId)))
    .orderBy(asc(workflowPermissions.userId));

/** All rows of a workflow are replaced by these. */
export const replaceWorkflowPermissions = (
  db: D1Database,
  organizationId: string,
  workflowId: string,
  permissions: WorkflowPermission[],
): D1PreparedStatement[] => [
  db
    .prepare("DELETE FROM workflow_permissions WHERE org_id = ?1 AND workflow_id = ?2")
    .bind(organizationId, workflowId),
  db
    .prepare(
      `INSERT INTO workflow_permissions (org_id, workflow_id, user_id, can_view, can_edit, can_delete, can_execute)
       SELECT ?1, ?2, value ->> 'userId', value ->> 'canView', value ->> 'canEdit', value ->> 'canDelete', value ->> 'canExecute'
       FROM json_each(?3)`,
    )
    .bind(organizationId, workflowId, JSON.stringify(permissions)),
];
