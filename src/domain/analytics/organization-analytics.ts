// What all workflows of an organisation did in the last 30 days, which did most, how the service performs for them, what is used, and what could be
// done better. From rollups: a row for each workflow and day.
import {
  type DayRollup,
  daysOfResult,
  errorDaysOfResult,
  nodeDaysOfResult,
  selectAllDays,
  selectAllErrorDays,
  selectNodeDays,
} from "../../db/queries/analytics.ts";
import {
  type HeldMessages,
  type IdleWorkflow,
  selectHeld,
  selectIdle,
  selectNames,
  selectUsage,
  type Usage,
  type WorkflowName,
} from "../../db/queries/performance.ts";
import { DAY_MS } from "../../lib/durations.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import type { Span } from "./calendar.ts";
import { failureReasons } from "./errors.ts";
import { messagesSent } from "./node-tally.ts";
import { type Performance, readPerformance, visibleTo } from "./performance.ts";
import { type Recommendation, recommend } from "./recommendations.ts";
import { newTally, type Tally } from "./tally.ts";

const DAYS = 30;
const TOP = 10;

export type TopWorkflow = {
  id: string;
  name: string;
  status: string;
  tally: Tally;
  /** Executions of as long a time before. */
  before: number;
  topCode: string | null;
  messagesSent: number;
};

export type OrganizationAnalytics = {
  span: Span;
  total: Tally;
  previous: Tally;
  /** Workflows that ran. */
  ran: number;
  nodesExecuted: number;
  messagesByWorkflows: number;
  top: TopWorkflow[];
  usage: Usage & { executionsKept: number };
  performance: Performance;
  recommendations: Recommendation[];
};

const NAMES = ["started", "completed", "failed", "cancelled", "timedOut", "durationSum"] as const;

const addTo = (tallies: Map<string, Tally>, row: DayRollup): void => {
  const tally = tallies.get(row.workflowId) ?? newTally();
  tallies.set(row.workflowId, tally);
  for (const name of NAMES) tally[name] += row[name];
};

const sumOf = (tallies: Iterable<Tally>): Tally => {
  const sum = newTally();
  for (const tally of tallies) for (const name of NAMES) sum[name] += tally[name];
  return sum;
};

/** What `readPerformance` takes, a batch of six statements beside it, and one more for names. */
export const analyzeOrganization = async (context: Context): Promise<OrganizationAnalytics> => {
  authorizeRole(context.principal, "viewer", "read");
  const { db, now } = context.ports;
  const { organizationId } = context.principal;
  const at = now();
  const tomorrow = Math.floor(at / DAY_MS) * DAY_MS + DAY_MS;
  const span = { from: tomorrow - DAYS * DAY_MS, to: tomorrow };
  const before = { from: span.from - DAYS * DAY_MS, to: span.from };
  const hidden = visibleTo(context);
  const [[current, earlier, errorRows, nodeRows, usage, held], performance] = await Promise.all([
    db.batch([
      selectAllDays(db, organizationId, { ...span, visibleTo: hidden, whole: false }),
      selectAllDays(db, organizationId, { ...before, visibleTo: hidden, whole: false }),
      selectAllErrorDays(db, organizationId, { ...span, visibleTo: hidden }),
      selectNodeDays(db, organizationId, undefined, [span.from]),
      selectUsage(db, organizationId, span.from),
      selectHeld(db, organizationId),
    ]),
    readPerformance(context),
  ]);
  const rows = daysOfResult(current!);
  const tallies = new Map<string, Tally>();
  for (const row of rows) addTo(tallies, row);
  const previous = new Map<string, Tally>();
  for (const row of daysOfResult(earlier!)) addTo(previous, row);
  const errors = errorDaysOfResult(errorRows!);
  // Nodes are read of all workflows: those that the caller may not see are left out here.
  const nodes = nodeDaysOfResult(nodeRows!).filter(({ workflowId }) => tallies.has(workflowId));

  const top = [...tallies].sort(([, a], [, b]) => b.started - a.started).slice(0, TOP);
  const troubled = new Set([...errors, ...nodes].map(({ workflowId }) => workflowId));
  const [named, idle] = await db.batch([
    selectNames(db, organizationId, [...new Set([...top.map(([id]) => id), ...troubled])]),
    selectIdle(db, organizationId, span.from, [...tallies.keys()], hidden),
  ]);
  const heads = new Map((named!.results as WorkflowName[]).map((head) => [head.id, head]));
  const { queue } = performance;
  // Nobody mends what is put away.
  const isOpen = (id: string) => heads.has(id) && heads.get(id)!.status !== "archived";
  return {
    span,
    total: sumOf(tallies.values()),
    previous: sumOf(previous.values()),
    ran: tallies.size,
    nodesExecuted: rows.reduce((sum, row) => sum + row.nodes, 0),
    messagesByWorkflows: messagesSent(nodes),
    top: top.map(([id, tally]) => ({
      id,
      name: heads.get(id)?.name ?? id,
      status: heads.get(id)?.status ?? "archived",
      tally,
      before: previous.get(id)?.started ?? 0,
      topCode:
        failureReasons(
          errors.filter(({ workflowId }) => workflowId === id),
          span,
        )[0]?.code ?? null,
      messagesSent: messagesSent(nodes.filter(({ workflowId }) => workflowId === id)),
    })),
    usage: { ...(usage!.results[0] as Usage), executionsKept: queue.listed },
    performance,
    recommendations: recommend({
      now: at,
      span,
      names: new Map([...heads].map(([id, { name }]) => [id, name])),
      tallies: new Map([...tallies].filter(([id]) => isOpen(id))),
      errors: errors.filter(({ workflowId }) => isOpen(workflowId)),
      nodes: nodes.filter(({ workflowId }) => isOpen(workflowId)),
      idle: idle!.results as IdleWorkflow[],
      held: held!.results as HeldMessages[],
      services: performance.services,
      startDelay: queue.startDelay,
    }),
  };
};
