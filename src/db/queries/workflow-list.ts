// What lists of workflows show beside the rows: how often and when each ran, from the counters, never from executions.
import { and, asc, count, desc, eq, gt, inArray, ne, type SQL, sql } from "drizzle-orm";
import { orm } from "../d1.ts";
import { workflowLabels, workflowPermissions, workflows } from "../schema.ts";
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
  name: sql`lower(${workflows.name})`,
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

type Label = { status: WorkflowRow["status"]; kind: "all" | "category" | "tag"; value: string; n: number };

export type WorkflowLabels = { categories: string[]; tags: string[]; statuses: WorkflowRow["status"][] };

/** What an organisation's workflows have, in order. */
const labelsOf = (labels: readonly Label[]): WorkflowLabels => {
  const of = (kind: Label["kind"]): string[] =>
    [...new Set(labels.filter((one) => one.kind === kind).map(({ value }) => value))].sort();
  const statuses = new Set(labels.filter(({ kind }) => kind === "all").map(({ status }) => status));
  return { categories: of("category"), tags: of("tag"), statuses: [...statuses].sort() };
};

type Hidden = Pick<WorkflowRow, "status" | "category" | "tags">;

/** The counters without what is hidden from somebody, which is little. */
const withoutHidden = (labels: readonly Label[], hidden: readonly Hidden[]): Label[] => {
  const keyOf = (status: string, kind: Label["kind"], value: string) => JSON.stringify([status, kind, value]);
  const fewer = new Map<string, number>();
  for (const { status, category, tags } of hidden) {
    const keys = [keyOf(status, "all", ""), ...(category === null ? [] : [keyOf(status, "category", category)])];
    for (const key of [...keys, ...new Set(tags.map((tag) => keyOf(status, "tag", tag)))])
      fewer.set(key, (fewer.get(key) ?? 0) + 1);
  }
  const left = ({ status, kind, value, n }: Label) => n - (fewer.get(keyOf(status, kind, value)) ?? 0);
  return labels.map((label) => ({ ...label, n: left(label) })).filter(({ n }) => n > 0);
};

const hiddenFrom = (db: D1Database, organizationId: string, userId: string | undefined) => {
  const { workflowId, canView } = workflowPermissions;
  return orm(db)
    .select({ status: workflows.status, category: workflows.category, tags: workflows.tags })
    .from(workflowPermissions)
    .innerJoin(workflows, and(eq(workflows.organizationId, organizationId), eq(workflows.id, workflowId)))
    .where(
      userId === undefined
        ? sql`false`
        : and(
            eq(workflowPermissions.organizationId, organizationId),
            eq(workflowPermissions.userId, userId),
            eq(canView, false),
            ne(workflows.createdBy, userId),
          ),
    );
};

/** The total that the counters know; undefined for what only the rows can tell. */
const countedBy = (labels: readonly Label[], { status, category, search, tags = [] }: WorkflowListFilter) => {
  const named = (category === undefined ? 0 : 1) + tags.length;
  if ((search ?? "") !== "" || named > 1) return undefined;
  const kind = category !== undefined ? "category" : tags.length > 0 ? "tag" : "all";
  const value = category ?? tags[0] ?? "";
  return labels
    .filter((one) => one.kind === kind && one.value === value)
    .filter((one) => (status === undefined ? one.status !== "archived" : one.status === status))
    .reduce((sum, { n }) => sum + n, 0);
};

/**
 * Those that never ran come last when they are sorted by their last run, in either order. A page is found by what is small of the rows, which hold
 * graphs of up to two megabytes. Two reads.
 */
export const listWorkflowHeads = async (
  db: D1Database,
  organizationId: string,
  filter: WorkflowListFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: WorkflowHead[]; total: number; labels: WorkflowLabels }> => {
  const wanted = wantedOf(organizationId, filter);
  const inOrder = filter.order === "asc" ? asc : desc;
  const usage = sql`(SELECT workflow_id, sum(n + gone) AS runs, max(last_at) AS last_at FROM execution_counts
    WHERE org_id = ${organizationId} GROUP BY workflow_id) AS u`;
  const isByUsage = filter.sortBy === "lastRunAt" || filter.sortBy === "usageCount";
  const all = orm(db).select({ n: workflows.n }).from(workflows).$dynamic();
  const joined = isByUsage ? all.leftJoin(usage, sql`u.workflow_id = ${workflows.id}`) : all;
  // SQLite puts null first; saying otherwise of what is never null would keep the index from giving the order.
  const first = filter.sortBy === "lastRunAt" ? [sql`u.last_at IS NULL`] : [];
  const [places, counters, hidden] = await orm(db).batch([
    joined
      .where(wanted)
      .orderBy(...first, inOrder(SORTS[filter.sortBy]), inOrder(workflows.n))
      .limit(page.limit)
      .offset(page.offset),
    orm(db)
      .select({
        status: workflowLabels.status,
        kind: workflowLabels.kind,
        value: workflowLabels.value,
        n: workflowLabels.n,
      })
      .from(workflowLabels)
      .where(and(eq(workflowLabels.organizationId, organizationId), gt(workflowLabels.n, 0))),
    hiddenFrom(db, organizationId, filter.visibleTo),
  ]);
  const labels = withoutHidden(counters as Label[], hidden);
  const counted = countedBy(labels, filter);
  const ids = places.map(({ n }) => n);
  const [rows, totals] = await orm(db).batch([
    orm(db).select({ n: workflows.n, head: headColumns }).from(workflows).where(inArray(workflows.n, ids)),
    orm(db)
      .select({ n: count() })
      .from(workflows)
      .where(counted === undefined ? wanted : sql`false`),
  ]);
  const byPlace = new Map(rows.map(({ n, head }) => [n, head]));
  return {
    rows: ids.flatMap((n) => byPlace.get(n) ?? []),
    total: counted ?? totals[0]!.n,
    labels: labelsOf(labels),
  };
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
         coalesce(sum(c.n + c.gone), 0) AS usageCount, max(c.last_at) AS lastRunAt,
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
