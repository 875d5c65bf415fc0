// Executions of all workflows of an organisation, what their actions did, and how many there are: for whoever may see the workflows.
import {
  type ActionStepRow,
  findRun,
  listRunPage,
  listActionSteps as queryActionSteps,
  listRuns as queryRuns,
  readStatistics as queryStatistics,
  type RunFilter,
  type RunRow,
  type Statistics,
  type StepFilter,
} from "../../db/queries/run-lists.ts";
import { DAY_MS, HOUR_MS } from "../../lib/durations.ts";
import { earliestId } from "../../lib/ids.ts";
import { mapConcurrently } from "../../lib/map-concurrently.ts";
import { findContactId } from "../contact/find-contact-id.ts";
import { atLeast, type Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import type { ExecutionView, NodeVisitView } from "../ports.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import { countCreated } from "./count-created.ts";
import { readExecution } from "./read-execution.ts";
import { redactView } from "./redact.ts";

export type RunListing = RunRow;
export type ActionStep = ActionStepRow;

export type RunsWanted = Pick<RunFilter, "statuses" | "workflowId" | "priority" | "tests"> & {
  /** The caller's own id of the contact, or ours. */
  user?: string;
  /** Epoch ms, included. */
  createdFrom?: number;
  createdTo?: number;
};

/** Ids hold times from 1970 on, with 48 bits. */
const withinIds = (time: number): number => Math.min(Math.max(time, 0), 2 ** 48 - 1);

type Page = { limit: number; offset: number };
type Rows<T> = { rows: T[]; total: number };

/** Whose hidden workflows are left out of what the caller sees. */
export const visibleTo = ({ principal }: Context): { visibleTo?: string } =>
  atLeast(principal.role, "admin") ? {} : { visibleTo: principal.userId };

/** Newest first. Runs of workflows that are hidden from the caller are left out. */
export const listRuns = async (context: Context, wanted: RunsWanted, page: Page): Promise<Rows<RunListing>> => {
  const { principal, ports } = context;
  authorizeRole(principal, "viewer", "read");
  const { organizationId } = principal;
  const { user, createdFrom, createdTo, ...given } = wanted;
  const contactId = user === undefined ? undefined : await findContactId(ports.db, organizationId, user);
  if (user !== undefined && contactId === undefined) return { rows: [], total: 0 };
  const filter: RunFilter = {
    ...given,
    ...visibleTo(context),
    ...(contactId === undefined ? {} : { contactId }),
    ...(createdFrom === undefined ? {} : { fromId: earliestId(withinIds(createdFrom)) }),
    ...(createdTo === undefined ? {} : { toId: earliestId(withinIds(createdTo + 1)) }),
  };
  const isDated = createdFrom !== undefined || createdTo !== undefined;
  if (!isDated || contactId !== undefined || wanted.priority !== undefined || wanted.tests)
    return queryRuns(ports.db, organizationId, filter, page);
  const { workflowId, statuses } = given;
  const counted = {
    ...visibleTo(context),
    ...(workflowId === undefined ? {} : { workflowId }),
    ...(statuses === undefined ? {} : { statuses }),
    from: createdFrom ?? 0,
    to: createdTo === undefined ? Number.MAX_SAFE_INTEGER : createdTo + 1,
  };
  const [rows, total] = await Promise.all([
    listRunPage(ports.db, organizationId, filter, page),
    countCreated(ports.db, organizationId, counted, ports.now()),
  ]);
  return { rows, total };
};

/** Those of one workflow. Throws `not_found` where `listRuns` finds nothing. */
export const listWorkflowRuns = async (
  context: Context,
  workflowId: string,
  wanted: RunsWanted,
  page: Page,
): Promise<Rows<RunListing>> => {
  await openWorkflowHead(context, workflowId, "view");
  return listRuns(context, { ...wanted, workflowId }, page);
};

/** One run with all that is known of it; `listing` is null while the index has no row of it. */
export const readRun = async (
  context: Context,
  id: string,
): Promise<{ view: ExecutionView; listing: RunListing | null }> => {
  const view = await readExecution(context, id);
  return { view, listing: await findRun(context.ports.db, context.principal.organizationId, id) };
};

/** What actions did, newest first. */
export const listActionSteps = async (
  context: Context,
  filter: Omit<StepFilter, "visibleTo">,
  page: Page,
): Promise<Rows<ActionStep>> => {
  authorizeRole(context.principal, "viewer", "read");
  const { ports, principal } = context;
  return queryActionSteps(ports.db, principal.organizationId, { ...filter, ...visibleTo(context) }, page);
};

/** Runs that are asked at once for what only they know. */
const AT_ONCE = 6;

export type ActionLog = ActionStep & Pick<NodeVisitView, "output" | "logs" | "input">;

/** The same of actions that have ended, with what they put out and printed, as long as their runs are kept. One call a run. */
export const listActionLogs = async (
  context: Context,
  filter: Omit<StepFilter, "visibleTo" | "statuses"> & { success?: boolean },
  page: Page,
): Promise<Rows<ActionLog>> => {
  const { success, ...given } = filter;
  const statuses = success === undefined ? ["completed", "failed"] : [success ? "completed" : "failed"];
  const { rows, total } = await listActionSteps(context, { ...given, statuses }, page);
  const { ports, principal } = context;
  const ids = [...new Set(rows.map(({ executionId }) => executionId))];
  const views = await mapConcurrently(ids, AT_ONCE, (id) =>
    ports.executions
      .read(principal.organizationId, id)
      .then((view) => view && redactView(view))
      .catch(() => null),
  );
  const visits = new Map(
    views.flatMap((view) => (view?.visits ?? []).map((visit) => [`${view!.executionId}:${visit.n}`, visit] as const)),
  );
  return {
    total,
    rows: rows.map((row) => {
      const { output = null, input = null, logs = [] } = visits.get(`${row.executionId}:${row.n}`) ?? {};
      return { ...row, output, input, logs };
    }),
  };
};

const RECENT_MS = DAY_MS;

/** `recent`: executions of the last 24 hours, from the full hour on. From counters and rollups. */
export const readStatistics = async (context: Context): Promise<Statistics> => {
  authorizeRole(context.principal, "viewer", "read");
  const { ports, principal } = context;
  const since = Math.floor((ports.now() - RECENT_MS) / HOUR_MS) * HOUR_MS;
  return queryStatistics(ports.db, principal.organizationId, since, visibleTo(context).visibleTo);
};
