// How long a run of a workflow will take: what its nodes took in this organisation, along the longest way. Where nobody has measured a kind of
// node, a plain guess stands in, and says so. Pure.
import type { Definition } from "../../../engine/contract.ts";
import { componentsOf, isCircle } from "../../../engine/graph.ts";
import { DAY_MS, HOUR_MS } from "../../../lib/durations.ts";
import { isJsonObject } from "../../../lib/json.ts";
import { toHundredths } from "../../../lib/round.ts";
import { nodeTypes, typesThat } from "../../../nodes/index.ts";

/** What visits of one node type took, ms: at work, and waiting for time, events and further attempts. */
export type NodeTime = { runs: number; failed: number; meanMs: number; p95Ms: number; waitMeanMs: number };
export type NodeTimes = ReadonlyMap<string, NodeTime>;

export type NodeEstimate = {
  nodeId: string;
  nodeType: string;
  /** At work and waiting. */
  estimatedMs: number;
  p95Ms: number;
  source: "measured" | "static";
  /** Visits that the numbers rest on. */
  sampleCount: number;
  /** Of those, percent that failed; null where there are none. */
  failureRate: number | null;
};

export type PerformanceEstimate = {
  estimatedDurationMs: number;
  p95DurationMs: number;
  /** Waits, attempts and back-offs at their longest; null: nothing bounds it. */
  worstCaseMs: number | null;
  /** Of its nodes. `mixed`: some were measured. */
  source: "measured" | "static" | "mixed";
  sampleCount: number;
  /** Percent of the runs that come through the longest way; null where nothing was measured. */
  estimatedSuccessRate: number | null;
  /** Node ids of the longest way. */
  criticalPath: string[];
  /** Nodes on any way that call out, and that write to people. */
  externalCalls: number;
  messages: number;
  nodes: NodeEstimate[];
};

/** Typical, in ms, as a guess: a request over the internet, a message through its provider, a snippet in its sandbox, and what needs no outside. */
const GUESSES: Record<string, { ms: number; p95: number }> = {
  action_webhook: { ms: 400, p95: 2_000 },
  action_email: { ms: 800, p95: 3_000 },
  action_chat_message: { ms: 600, p95: 2_500 },
  action_send_media: { ms: 800, p95: 3_000 },
  action_question: { ms: 120_000, p95: HOUR_MS },
  action_code: { ms: 30, p95: 200 },
  action_subworkflow: { ms: 500, p95: 3_000 },
  action_wait_for_event: { ms: HOUR_MS, p95: DAY_MS },
};
const OF_DATABASE = { ms: 30, p95: 150 };
const OF_MEMORY = { ms: 1, p95: 5 };

/** A delay takes what it says, whatever others took. */
const DELAY = "action_delay";
const MESSAGES = typesThat(({ writes }) => writes !== undefined);
const CALLS: ReadonlySet<string> = new Set(["action_webhook"]);

const guessOf = (type: string, config: Definition["nodes"][string]["config"]): { ms: number; p95: number } => {
  const own = nodeTypes.get(type)?.longestMs?.(config) ?? Number.POSITIVE_INFINITY;
  if (type === DELAY) return Number.isFinite(own) ? { ms: own, p95: own } : { ms: HOUR_MS, p95: DAY_MS };
  const guess = GUESSES[type] ?? (type.startsWith("action_") ? OF_DATABASE : OF_MEMORY);
  return { ms: Math.min(guess.ms, own), p95: Math.min(guess.p95, own) };
};

const nodeEstimate = (
  nodeId: string,
  { type, config }: Definition["nodes"][string],
  times: NodeTimes,
): NodeEstimate => {
  const measured = type === DELAY ? undefined : times.get(type);
  if (measured && measured.runs > 0) {
    return {
      nodeId,
      nodeType: type,
      estimatedMs: toHundredths(measured.meanMs + measured.waitMeanMs),
      p95Ms: toHundredths(Math.max(measured.p95Ms, measured.meanMs) + measured.waitMeanMs),
      source: "measured",
      sampleCount: measured.runs,
      failureRate: toHundredths((measured.failed / measured.runs) * 100),
    };
  }
  const { ms, p95 } = guessOf(type, isJsonObject(config) ? config : {});
  const numbers = { estimatedMs: ms, p95Ms: p95, source: "static" as const, sampleCount: 0, failureRate: null };
  return { nodeId, nodeType: type, ...numbers };
};

/** The way that takes longest; of nodes that go in a circle each counts once. */
const longestPath = ({ nodes, edges }: Definition, msOf: (id: string) => number): string[] => {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) if (Object.hasOwn(nodes, to)) next.set(from, [...(next.get(from) ?? []), to]);
  const best = new Map<string, { ms: number; then: string | null; members: string[] }>();
  const beyondOf = (members: readonly string[]) => {
    const own = new Set(members);
    let found: { id: string; ms: number } | null = null;
    for (const member of members)
      for (const target of next.get(member) ?? []) {
        const ms = own.has(target) ? undefined : best.get(target)?.ms;
        if (ms !== undefined && ms > (found?.ms ?? -1)) found = { id: target, ms };
      }
    return found;
  };
  let start: string | null = null;
  for (const component of componentsOf(Object.keys(nodes), next)) {
    const members = isCircle(component, next) ? component : [component[0]!];
    const beyond = beyondOf(members);
    const ms = members.reduce((sum, id) => sum + msOf(id), 0) + (beyond?.ms ?? 0);
    for (const id of members) best.set(id, { ms, then: beyond?.id ?? null, members });
    if (start === null || ms >= best.get(start)!.ms) start = members[0]!;
  }
  const path: string[] = [];
  for (let id = start; id !== null; id = best.get(id)!.then) path.push(...best.get(id)!.members);
  return path;
};

/** `worstCaseMs`: of the program, Infinity for no bound; undefined for what does not compile. */
export const estimatePerformance = (
  definition: Definition,
  times: NodeTimes,
  worstCaseMs: number | undefined,
): PerformanceEstimate => {
  const nodes = Object.entries(definition.nodes).map(([id, node]) => nodeEstimate(id, node, times));
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const criticalPath = longestPath(definition, (id) => byId.get(id)!.estimatedMs);
  const onWay = criticalPath.map((id) => byId.get(id)!);
  const measured = nodes.filter(({ source }) => source === "measured");
  const rates = onWay.flatMap(({ failureRate }) => (failureRate === null ? [] : [1 - failureRate / 100]));
  const isOf = (types: ReadonlySet<string>) => nodes.filter(({ nodeType }) => types.has(nodeType)).length;
  return {
    estimatedDurationMs: toHundredths(onWay.reduce((sum, node) => sum + node.estimatedMs, 0)),
    p95DurationMs: toHundredths(onWay.reduce((sum, node) => sum + node.p95Ms, 0)),
    worstCaseMs: worstCaseMs !== undefined && Number.isFinite(worstCaseMs) ? worstCaseMs : null,
    source: measured.length === 0 ? "static" : measured.length === nodes.length ? "measured" : "mixed",
    sampleCount: measured.reduce((sum, { sampleCount }) => sum + sampleCount, 0),
    estimatedSuccessRate: rates.length === 0 ? null : toHundredths(rates.reduce((all, rate) => all * rate, 1) * 100),
    criticalPath,
    externalCalls: isOf(CALLS),
    messages: isOf(MESSAGES),
    nodes,
  };
};
