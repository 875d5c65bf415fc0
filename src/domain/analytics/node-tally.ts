// What nodes took and how their visits ended, from rollups of days. Pure.
import type { NodeDay } from "../../db/queries/analytics.ts";
import { addCount, type Histogram, quantileOf } from "../../lib/histogram.ts";
import { percentOf } from "../../lib/round.ts";
import { typesThat } from "../../nodes/index.ts";
import { meanOf } from "./tally.ts";

export type NodeTally = {
  nodeType: string;
  nodeId: string;
  visits: number;
  ok: number;
  failed: number;
  tries: number;
  /** At work, and waiting for time, events and retries. */
  ms: number;
  waitMs: number;
  /** Waited for something that did not come in time. */
  late: number;
  times: Histogram;
};

export type NodeTimes = {
  runs: number;
  failed: number;
  /** At work, in ms. */
  meanMs: number;
  p50Ms: number;
  p95Ms: number;
  waitMeanMs: number;
};

const SENDING = typesThat(({ writes }) => writes !== undefined);

const partsOf = (name: string): { nodeType: string; nodeId: string } => {
  const slash = name.indexOf("/");
  return { nodeType: name.slice(0, slash), nodeId: name.slice(slash + 1) };
};

/** Added up by what `keyOf` makes of a node. */
export const tallyNodes = (
  rows: readonly NodeDay[],
  keyOf: (node: { nodeType: string; nodeId: string; workflowId: string }) => string,
): Map<string, NodeTally> => {
  const found = new Map<string, NodeTally>();
  for (const { nodes, workflowId } of rows) {
    for (const [name, counts] of Object.entries(nodes)) {
      const node = partsOf(name);
      const key = keyOf({ ...node, workflowId });
      let tally = found.get(key);
      if (!tally) {
        tally = { ...node, visits: 0, ok: 0, failed: 0, tries: 0, ms: 0, waitMs: 0, late: 0, times: new Map() };
        found.set(key, tally);
      }
      const { n = 0, ok = 0, failed = 0, tries = 0, ms = 0, wait = 0, late = 0, ...times } = counts;
      tally.visits += n;
      tally.ok += ok;
      tally.failed += failed;
      tally.tries += tries;
      tally.ms += ms;
      tally.waitMs += wait;
      tally.late += late;
      for (const [bucket, count] of Object.entries(times)) addCount(tally.times, Number(bucket), count);
    }
  }
  return found;
};

export const timesOf = ({ visits, failed, ms, waitMs, times }: NodeTally): NodeTimes => ({
  runs: visits,
  failed,
  meanMs: meanOf(ms, visits),
  p50Ms: quantileOf(times, 0.5) ?? 0,
  p95Ms: quantileOf(times, 0.95) ?? 0,
  waitMeanMs: meanOf(waitMs, visits),
});

export type NodePerformance = NodeTimes & {
  nodeId: string;
  nodeType: string;
  /** Of its visits that ended as done or failed, in percent. */
  failureRate: number;
  /** Tries beyond the first of each visit. */
  retries: number;
  /** Of what all nodes were at work, in percent. */
  share: number;
};

/** Those that took most in all first. */
export const nodePerformance = (rows: readonly NodeDay[]): NodePerformance[] => {
  const nodes = [...tallyNodes(rows, ({ nodeType, nodeId }) => `${nodeType}/${nodeId}`).values()];
  const all = nodes.reduce((sum, { ms }) => sum + ms, 0);
  return nodes
    .map((node) => ({
      nodeId: node.nodeId,
      nodeType: node.nodeType,
      ...timesOf(node),
      failureRate: percentOf(node.failed, node.ok + node.failed),
      retries: Math.max(0, node.tries - node.visits),
      share: percentOf(node.ms, all),
      total: node.ms,
    }))
    .sort((a, b) => b.total - a.total || b.runs - a.runs || a.nodeId.localeCompare(b.nodeId))
    .map(({ total: _, ...node }) => node);
};

/** Messages that nodes have sent. */
export const messagesSent = (rows: readonly NodeDay[]): number => {
  let sent = 0;
  for (const { nodeType, ok } of tallyNodes(rows, ({ nodeType }) => nodeType).values())
    if (SENDING.has(nodeType)) sent += ok;
  return sent;
};
