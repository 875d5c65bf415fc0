// What lists of workflows show beside the rows: how often and when each ran, from the counters, never from executions.
import { and, asc, count, desc, eq, type SQL, sql } from "drizzle-orm";
import { orm } from "../d1.ts";
import { workflows } from "../schema.ts";
import { headColumns, matches, notHidden, type WorkflowHead, type WorkflowRow } from "./workflows.ts";

export type WorkflowListFilter = {
  /** Absent: all but the archived ones. */
  status?: WorkflowRow["status"];
  category?: string;
  /** In names and descriptions, any part of a word. */
  search?: string;
  /** All of them. */
  tags?: readonly string[];
  /** Leaves out what was hidden from this user. */
  visibleTo?: string;
  sortBy: "name" | "createdAt" | "lastRunAt" | "usageCount";
  order: "asc" | "desc";
};

const tagged = (tag: string): SQL => sql`EXISTS (SELECT 1 FROM json_each(${workflows.tags}) WHERE value = ${tag})`;

const SORTS: Record<WorkflowListFilter["sortBy"], SQL> = {
  name: sql`${workflows.name} COLLATE NOCASE`,
  createdAt: sql`${workflows.createdAt}`,
  lastRunAt: sql`u.last_at`,
  usageCount: sql`coalesce(u.runs, 0)`,
};

const wantedOf = (organizationId: string, filter: WorkflowListFilter) =>
  and(
    eq(workflows.organizationId, organizationId),
    filter.status === undefined ? sql`${workflows.status} <> 'archived'` : eq(workflows.status, filter.status),
    filter.category === undefined ? undefined : eq(workflows.category, filter.category),
    filter.search === undefined || filter.search === "" ? undefined : matches(filter.search),
    ...(filter.tags ?? []).map(tagged),
    filter.visibleTo === undefined ? undefined : notHidden(filter.visibleTo),
  );

/** Those that never ran come last when they are sorted by their last run, in either order. */
export const listWorkflowHeads = async (
  db: D1Database,
  organizationId: string,
  filter: WorkflowListFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: WorkflowHead[]; total: number }> => {
  const wanted = wantedOf(organizationId, filter);
  const inOrder = filter.order === "asc" ? asc : desc;
  const usage = sql`(SELECT workflow_id, sum(n) AS runs, max(0) AS last_at FROM execution_counts WHERE org_id = ${organizationId} GROUP BY workflow_id) AS u`;
  const isByUsage = filter.sortBy === "lastRunAt" || filter.sortBy === "usageCount";
  const all = orm(db).select(headColumns).from(workflows).$dynamic();
  const joined = isByUsage ? all.leftJoin(usage, sql`u.workflow_id = ${workflows.id}`) : all;
  const [rows, totals] = await orm(db).batch([
    joined
      .where(wanted)
      .orderBy(sql`${inOrder(SORTS[filter.sortBy])} NULLS LAST`, inOrder(workflows.n))
      .limit(page.limit)
      .offset(page.offset),
    orm(db).select({ n: count() }).from(workflows).where(wanted),
  ]);
  return { rows, total: totals[0]!.n };
};

export type WorkflowLabels = { categories: string[]; tags: string[]; statuses: WorkflowRow["status"][] };

/** What an organisation's workflows have, in order. */
export const selectLabels = async (db: D1Database, organizationId: string): Promise<WorkflowLabels> => {
  const { results } = await db
    .prepare(
      `SELECT DISTINCT 'status' AS kind, status AS value FROM workflows WHERE org_id = ?1
       UNION ALL SELECT DISTINCT 'category', category FROM workflows WHERE org_id = ?1 AND category IS NOT NULL
       UNION ALL SELECT DISTINCT 'tag', t.value FROM workflows w, json_each(w.tags) t WHERE w.org_id = ?1 ORDER BY 1, 2`,
    )
    .bind(organizationId)
    .all<{ kind: string; value: string }>();
  const of = (kind: string): string[] => results.filter((row) => row.kind === kind).map(({ value }) => value);
  return { categories: of("category"), tags: of("tag"), statuses: of("status") as WorkflowRow["status"][] };
};

export type Standing = {
  /** Number of the published version; 0: none. */
  version: number;
  /** Executions ever, dry runs left out. */
  usageCount: number;
  lastRunAt: number | null;
  /** Of those that are listed. `failed`: and those that ran out of time. */
  completed: number;
  failed: number;
  /** Queued, running or waiting. */
  inFlight: number;
};

/** Some rows of counters each. */
export const selectStandings = async (
  db: D1Database,
  organizationId: string,
  ids: readonly string[],
): Promise<(Standing & { id: string })[]> => {
  if (ids.length === 0) return [];
  const { results } = await db
    .prepare(
      `SELECT w.id,
         coalesce((SELECT number FROM workflow_versions v WHERE v.org_id = w.org_id AND v.id = w.published_version_id), 0) AS version,
         coalesce(sum(c.n), 0) AS usageCount,
         (SELECT created_at FROM executions e WHERE e.org_id = w.org_id AND e.workflow_id = w.id AND e.dry_run = 0 ORDER BY e.id DESC LIMIT 1) AS lastRunAt,
         coalesce(sum(c.n) FILTER (WHERE c.status = 'completed'), 0) AS completed,
         coalesce(sum(c.n) FILTER (WHERE c.status IN ('failed', 'timed_out')), 0) AS failed,
         coalesce(sum(c.n) FILTER (WHERE c.status IN ('queued', 'running', 'waiting')), 0) AS inFlight
       FROM workflows w LEFT JOIN execution_counts c ON c.org_id = w.org_id AND c.workflow_id = w.id
       WHERE w.org_id = ?1 AND w.id IN (SELECT value FROM json_each(?2)) GROUP BY w.id`,
    )
    .bind(organizationId, JSON.stringify(ids))
    .all<Standing & { id: string }>();
  return results;
};

/** Runs of which one such step has not ended; of the newest thousand that are in flight. */
const COUNTED_RUNS = 1_000;

/** How many runs in flight are at each of these nodes. */
export const countWaitingAt = async (
  db: D1Database,
  organizationId: string,
  workflowId: string,
  nodeIds: readonly string[],
): Promise<{ nodeId: string; n: number }[]> => {
  const { results } = await db
    .prepare(
      `SELECT s.node_id AS nodeId, count(DISTINCT s.execution_id) AS n
       FROM (SELECT id FROM executions WHERE org_id = ?1 AND workflow_id = ?2 AND status IN ('running', 'waiting') ORDER BY id DESC LIMIT ${COUNTED_RUNS}) e
       JOIN execution_steps s ON s.org_id = ?1 AND s.execution_id = e.id
       WHERE s.ended_at IS NULL AND s.node_id IN (SELECT value FROM json_each(?3)) GROUP BY s.node_id ORDER BY s.node_id`,
    )
    .bind(organizationId, workflowId, JSON.stringify(nodeIds))
    .all<{ nodeId: string; n: number }>();
  return results;
};
