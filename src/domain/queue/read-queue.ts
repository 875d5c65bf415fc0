// What waits, what works and what has become of it: from the counters of executions, the organisation's dispatcher, and the latest rows of the index.
import { FOLLOWED_MS, type Following, namesOf, readFollowing } from "../../db/queries/queue.ts";
import { countRuns } from "../../db/queries/run-lists.ts";
import type { Context } from "../context.ts";
import { listRuns, type RunListing, visibleTo } from "../execution/list-runs.ts";
import { authorizeRole } from "../permission.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import type { Place } from "./dispatch.ts";
import type { DispatchStatus } from "./port.ts";

/** The words of whoever thinks of runs as jobs. Those that can be retried are failed. */
export const JOB_STATUSES = ["queued", "processing", "completed", "failed"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

const STATUSES: Record<JobStatus, RunListing["status"][]> = {
  queued: ["queued"],
  processing: ["running", "waiting"],
  completed: ["completed"],
  failed: ["failed", "timed_out", "cancelled"],
};

export const jobStatusOf = (status: RunListing["status"]): JobStatus =>
  JOB_STATUSES.find((one) => STATUSES[one].includes(status))!;

export type QueueCounts = Record<JobStatus, number> & {
  total: number;
  /** Of those that are processing or failed. */
  running: number;
  waiting: number;
  timedOut: number;
  cancelled: number;
};

const countsOf = async (context: Context, workflowId?: string): Promise<QueueCounts> => {
  const { ports, principal } = context;
  const filter = { ...visibleTo(context), ...(workflowId === undefined ? {} : { workflowId }) };
  const counts = await countRuns(ports.db, principal.organizationId, filter);
  const of = (...statuses: RunListing["status"][]) => statuses.reduce((sum, one) => sum + (counts.get(one) ?? 0), 0);
  return {
    queued: of(...STATUSES.queued),
    processing: of(...STATUSES.processing),
    completed: of(...STATUSES.completed),
    failed: of(...STATUSES.failed),
    total: of(...JOB_STATUSES.flatMap((status) => STATUSES[status])),
    running: of("running"),
    waiting: of("waiting"),
    timedOut: of("timed_out"),
    cancelled: of("cancelled"),
  };
};

export type QueueStatus = {
  counts: QueueCounts;
  dispatch: DispatchStatus;
  following: Following;
  /** Of the workflows that have a line, by id. */
  names: ReadonlyMap<string, string>;
  /** The time that `following` counts over, in ms. */
  followedMs: number;
};

export const readQueueStatus = async (context: Context): Promise<QueueStatus> => {
  const { ports, principal } = context;
  authorizeRole(principal, "viewer", "read");
  const { organizationId } = principal;
  const [counts, dispatch, following] = await Promise.all([
    countsOf(context),
    ports.queues.status(organizationId),
    readFollowing(ports.db, organizationId, ports.now()),
  ]);
  const ids = dispatch.lines.map(({ workflowId }) => workflowId);
  const names = ids.length > 0 ? await namesOf(ports.db, organizationId, ids) : new Map<string, string>();
  return { counts, dispatch, following, names, followedMs: FOLLOWED_MS };
};

export type QueuedRun = RunListing & { place: Place | null };

/** Newest first. Throws `not_found` for a workflow that is not the caller's. */
export const listQueue = async (
  context: Context,
  wanted: { status?: JobStatus; priority?: number; workflowId?: string },
  page: { limit: number; offset: number },
): Promise<{ rows: QueuedRun[]; total: number; counts: QueueCounts; waitMs: number | null }> => {
  const { ports, principal } = context;
  const { status, workflowId, priority } = wanted;
  if (workflowId !== undefined) await openWorkflowHead(context, workflowId, "view");
  const filter = {
    ...(status === undefined ? {} : { statuses: STATUSES[status] }),
    ...(workflowId === undefined ? {} : { workflowId }),
    ...(priority === undefined ? {} : { priority }),
  };
  const [{ rows, total }, counts, dispatch] = await Promise.all([
    listRuns(context, filter, page),
    countsOf(context, workflowId),
    ports.queues.status(principal.organizationId),
  ]);
  const queued = rows.filter((row) => row.status === "queued").map(({ id }) => id);
  const places = queued.length > 0 ? await ports.queues.places(principal.organizationId, queued) : {};
  return {
    rows: rows.map((row) => ({ ...row, place: places[row.id] ?? null })),
    total,
    counts,
    waitMs: dispatch.waitMs,
  };
};
