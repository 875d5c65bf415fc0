// Measured times of nodes and runs, for whoever estimates what a workflow will take.
import { daysOfResult, nodeDaysOfResult, selectDays, selectNodeDays } from "../../db/queries/analytics.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { countOf } from "../../lib/histogram.ts";
import type { Context } from "../context.ts";
import { daysOf } from "./calendar.ts";
import { type NodeTimes, tallyNodes, timesOf } from "./node-tally.ts";
import { histogramOf, meanOf } from "./tally.ts";
import { quantilesOf } from "./workflow-analytics.ts";

export type { NodeTimes };

const DAYS = 30;
/** An estimate needs no more of an organisation with many workflows than its latest days: bytes of rollups. */
const MOST_BYTES = 2_000_000;

const lately = (now: number) => ({ from: Math.floor(now / DAY_MS) * DAY_MS - (DAYS - 1) * DAY_MS, to: now + 1 });

/**
 * By node type, of the last 30 days, or of as many of them as have 2 MB: of the organisation's workflows, or of one. One read; whoever calls has
 * asked for the permission.
 */
export const nodeTimesOf = async (
  { principal, ports }: Context,
  { workflowId }: { workflowId?: string } = {},
): Promise<Map<string, NodeTimes>> => {
  const days = daysOf(lately(ports.now()));
  const rows = nodeDaysOfResult(
    await selectNodeDays(ports.db, principal.organizationId, workflowId, days, MOST_BYTES).all(),
  );
  const byType = tallyNodes(rows, ({ nodeType }) => nodeType);
  return new Map([...byType].map(([type, tally]) => [type, timesOf(tally)]));
};

/** Of the workflow's runs that began and ended, of the last 30 days; null when none did. One read. */
export const runTimesOf = async (
  { principal, ports }: Context,
  workflowId: string,
): Promise<{ runs: number; meanMs: number; p50Ms: number; p95Ms: number } | null> => {
  const span = lately(ports.now());
  const days = daysOf(span).map((day) => ({ day, cut: false, times: true }));
  const rows = daysOfResult(await selectDays(ports.db, principal.organizationId, workflowId, days).all());
  const histogram = histogramOf(rows, span, "durations");
  const runs = countOf(histogram);
  if (runs === 0) return null;
  const longest = rows.reduce((max, { durationMax }) => Math.max(max, durationMax), 0);
  const { p50, p95 } = quantilesOf(histogram, longest);
  const spent = rows.reduce((sum, row) => sum + row.durationSum, 0);
  return { runs, meanMs: meanOf(spent, runs), p50Ms: p50 ?? 0, p95Ms: p95 ?? 0 };
};
