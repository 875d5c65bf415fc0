// What an organisation could do about its workflows, each with the numbers that it rests on. Nothing where there is nothing to say. Pure.
import type { ErrorDay, NodeDay } from "../../db/queries/analytics.ts";
import type { HeldMessages, IdleWorkflow } from "../../db/queries/performance.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { quantileOf } from "../../lib/histogram.ts";
import { percentOf } from "../../lib/round.ts";
import { failureCode } from "../execution/failure-code.ts";
import { failureReasons } from "./errors.ts";
import { type NodeTally, tallyNodes } from "./node-tally.ts";
import type { ServicePerformance } from "./outside-calls.ts";
import { meanOf, type Tally } from "./tally.ts";

export type Recommendation = {
  type:
    | "failing_workflow"
    | "webhook_without_retry"
    | "unanswered_question"
    | "idle_workflow"
    | "messages_held"
    | "slow_node"
    | "start_delay"
    | "failing_service";
  severity: "high" | "medium" | "low";
  title: string;
  /** What to do. */
  action: string;
  workflowId: string | null;
  nodeId: string | null;
  /** What it rests on; times in ms, shares in percent. */
  evidence: Record<string, string | number>;
};

export type Facts = {
  now: number;
  span: { from: number; to: number };
  names: ReadonlyMap<string, string>;
  tallies: ReadonlyMap<string, Tally>;
  errors: readonly ErrorDay[];
  nodes: readonly NodeDay[];
  idle: readonly IdleWorkflow[];
  held: readonly HeldMessages[];
  services: readonly ServicePerformance[];
  startDelay: { p95: number | null; samples: number };
};

const LEAST_RUNS = 20;
const FAILING_PERCENT = 10;
const FAILING_BADLY_PERCENT = 30;
const LEAST_UNTRIED = 5;
const UNANSWERED_PERCENT = 60;
const SLOW_SHARE_PERCENT = 60;
const SLOW_MS = 5_000;
const LEAST_HELD = 10;
const DELAY_MS = 60_000;
const SERVICE_PERCENT = 20;

/** What a later try might mend. */
const PASSING = /answered (?:408|425|429|5\d\d)\b/;

const nameOf = ({ names }: Facts, id: string): string => names.get(id) ?? id;

const failingWorkflows = (facts: Facts): Recommendation[] =>
  [...facts.tallies].flatMap(([workflowId, tally]) => {
    const runs = tally.completed + tally.failed + tally.timedOut;
    const failures = tally.failed + tally.timedOut;
    const failureRate = percentOf(failures, runs);
    if (runs < LEAST_RUNS || failureRate < FAILING_PERCENT) return [];
    const [top] = failureReasons(
      facts.errors.filter((row) => row.workflowId === workflowId),
      facts.span,
    );
    const code = top?.code ?? failureCode(null);
    const where = top?.nodeId ? ` at node ${top.nodeId}` : "";
    return [
      {
        type: "failing_workflow",
        severity: failureRate >= FAILING_BADLY_PERCENT ? "high" : "medium",
        title: `${nameOf(facts, workflowId)} fails in ${failureRate} % of ${runs} runs, most often${where} with ${code}`,
        action: top
          ? `Look at ${top.samples[0] ?? "its latest failed execution"}: ${top.message}`
          : "Look at its latest failed execution",
        workflowId,
        nodeId: top?.nodeId ?? null,
        evidence: { runs, failures, failureRate, code, count: top?.count ?? 0, share: top?.percentage ?? 0 },
      },
    ];
  });

const KEY = (workflowId: string, nodeId: string) => `${workflowId}\n${nodeId}`;

const untriedWebhooks = (facts: Facts, nodes: ReadonlyMap<string, NodeTally>): Recommendation[] => {
  const passing = new Map<string, ErrorDay & { count: number }>();
  for (const row of facts.errors) {
    if (row.code !== "HTTP_ERROR" || !PASSING.test(row.message)) continue;
    const key = KEY(row.workflowId, row.nodeId);
    passing.set(key, { ...row, count: (passing.get(key)?.count ?? 0) + row.n });
  }
  return [...passing].flatMap(([key, { workflowId, nodeId, count, message }]) => {
    const node = nodes.get(key);
    if (node?.nodeType !== "action_webhook" || node.tries > node.visits || count < LEAST_UNTRIED) return [];
    return [
      {
        type: "webhook_without_retry",
        severity: "medium",
        title: `${nameOf(facts, workflowId)}: the request of node ${nodeId} failed ${count} times by what a later try might have mended, and was never tried again`,
        action: "Give the node a retry: {max_attempts, backoff_seconds}",
        workflowId,
        nodeId,
        evidence: { failures: count, visits: node.visits, retries: 0, latest: message },
      },
    ];
  });
};

const unanswered = (facts: Facts, nodes: ReadonlyMap<string, NodeTally>): Recommendation[] =>
  [...nodes].flatMap(([key, { nodeType, nodeId, visits, late, waitMs }]) => {
    const share = percentOf(late, visits);
    if (nodeType !== "action_question" || visits < LEAST_RUNS || share < UNANSWERED_PERCENT) return [];
    const workflowId = key.slice(0, key.indexOf("\n"));
    return [
      {
        type: "unanswered_question",
        severity: "medium",
        title: `${nameOf(facts, workflowId)}: ${late} of ${visits} people did not answer the question of node ${nodeId}`,
        action: "Ask more simply, offer choices, or say what happens without an answer",
        workflowId,
        nodeId,
        evidence: { asked: visits, unanswered: late, share, averageWaitMs: meanOf(waitMs, visits) },
      },
    ];
  });

const slowNodes = (facts: Facts, nodes: ReadonlyMap<string, NodeTally>): Recommendation[] => {
  const spent = new Map<string, number>();
  const workflowOf = (key: string) => key.slice(0, key.indexOf("\n"));
  for (const [key, { ms }] of nodes) spent.set(workflowOf(key), (spent.get(workflowOf(key)) ?? 0) + ms);
  return [...nodes].flatMap(([key, { nodeId, visits, ms, times }]) => {
    const workflowId = workflowOf(key);
    const share = percentOf(ms, spent.get(workflowId)!);
    const averageMs = meanOf(ms, visits);
    if (visits < LEAST_RUNS || share < SLOW_SHARE_PERCENT || averageMs < SLOW_MS) return [];
    return [
      {
        type: "slow_node",
        severity: "low",
        title: `${nameOf(facts, workflowId)} spends ${share} % of its work at node ${nodeId}, ${averageMs} ms each time`,
        action: "Make what it calls faster, or give it a time-out",
        workflowId,
        nodeId,
        evidence: { visits, averageMs, p95Ms: quantileOf(times, 0.95) ?? 0, share },
      },
    ];
  });
};

const idleWorkflows = ({ idle, now }: Facts): Recommendation[] =>
  idle.map(({ id, name, publishedAt }) => {
    const days = Math.floor((now - publishedAt) / DAY_MS);
    return {
      type: "idle_workflow",
      severity: "low",
      title: `${name} is active and has not run for 30 days`,
      action: "See whether its trigger still fits, or pause it",
      workflowId: id,
      nodeId: null,
      evidence: { runs: 0, daysSincePublished: days },
    };
  });

const ADVICE: Record<string, string> = {
  quiet_hours: "They leave when quiet hours end; start what sends them earlier, or narrow the quiet hours",
  rate: "They leave as the sender's rate lets them; another sender would carry more",
  cap: "They leave when the cap per person allows; send less often, or raise the cap",
  window: "Give them a template: free text may not go outside the customer service window",
};

const heldMessages = ({ held }: Facts): Recommendation[] =>
  held.flatMap(({ gate, n }) =>
    n < LEAST_HELD
      ? []
      : [
          {
            type: "messages_held",
            severity: "low",
            title: `${n} messages are held back by ${gate.replaceAll("_", " ")}`,
            action: ADVICE[gate] ?? "GET /api/v2/messages/{id}/gates says of each why",
            workflowId: null,
            nodeId: null,
            evidence: { gate, messages: n },
          },
        ],
  );

const delayed = ({ startDelay }: Facts): Recommendation[] =>
  startDelay.samples < LEAST_RUNS || (startDelay.p95 ?? 0) < DELAY_MS
    ? []
    : [
        {
          type: "start_delay",
          severity: "medium",
          title: `One in twenty executions waits over ${startDelay.p95} ms for its start`,
          action:
            "Raise maxConcurrency of the workflows that wait, or of the organization (PATCH /api/v2/queue/settings)",
          workflowId: null,
          nodeId: null,
          evidence: { p95Ms: startDelay.p95!, samples: startDelay.samples },
        },
      ];

const failingServices = ({ services }: Facts): Recommendation[] =>
  services.flatMap(({ service, calls, failed, failureRate }) =>
    calls < LEAST_RUNS || failureRate < SERVICE_PERCENT
      ? []
      : [
          {
            type: "failing_service",
            severity: "high",
            title: `${failureRate} % of ${calls} calls of ${service} failed in the last day`,
            action: "See whether it is up, and whether what it is sent is still right",
            workflowId: null,
            nodeId: null,
            evidence: { service, calls, failed, failureRate },
          },
        ],
  );

const ORDER = { high: 0, medium: 1, low: 2 };

/** Most severe first. */
export const recommend = (facts: Facts): Recommendation[] => {
  const tallies = tallyNodes(facts.nodes, ({ workflowId, nodeId }) => KEY(workflowId, nodeId));
  // Of those without an id nobody could change anything.
  const nodes = new Map([...tallies].filter(([, { nodeId }]) => nodeId !== ""));
  return [
    ...failingWorkflows(facts),
    ...failingServices(facts),
    ...untriedWebhooks(facts, nodes),
    ...unanswered(facts, nodes),
    ...delayed(facts),
    ...slowNodes(facts, nodes),
    ...heldMessages(facts),
    ...idleWorkflows(facts),
  ].sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
};
