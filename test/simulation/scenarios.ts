// What is simulated: workflows of real nodes, what the provider answers, and what comes from outside while they run.
import type { Definition, FinalStatus } from "../../src/engine/contract.ts";
import { graph } from "../engine/kit.ts";
import { delay, http, message, retry, START } from "./nodes.ts";
import type { Script } from "./provider.ts";

export type Scenario = {
  name: string;
  root: Definition;
  /** Sub-workflows by id. */
  others?: Record<string, Definition>;
  script?: Script;
  /** Milliseconds after the start. */
  events?: { at: number; type: string }[];
  cancels?: number[];
  /** From here on (ms after the start) the order of things matters, and is tried in all ways. */
  raceAt?: number;
  /** How it may end when everything but crashes is well. */
  ends: readonly FinalStatus[];
  /** Nodes that were visited then, sorted; absent: that depends. */
  path?: readonly string[];
  /** Requests that arrived when nothing crashed. */
  requests?: number;
  dryRun?: true;
};

/** Answers by node and by request; everything else is 200. */
const answers =
  (script: Record<string, ReturnType<Script>[]>): Script =>
  (node, nth) =>
    script[node]?.[nth - 1] ?? { status: 200 };

export const scenarios: readonly Scenario[] = [
  {
    name: "a line with a request",
    root: graph({ t: START, a: http(), b: ["data_transform", { mappings: { n: "{{event.data.n}}" } }], c: http() }, [
      "t>a",
      "a>b",
      "b>c",
    ]),
    ends: ["completed"],
    path: ["a", "b", "c", "t"],
  },
  {
    name: "retries, with a Retry-After",
    root: graph({ t: START, a: http(retry(4)) }, ["t>a"]),
    script: answers({ a: [{ status: 500 }, { status: 429, retryAfterSeconds: 30 }, { cut: "accepted" }] }),
    ends: ["completed"],
    path: ["a", "t"],
  },
  {
    name: "a failure by its port",
    root: graph({ t: START, a: http(), b: http() }, ["t>a", "a:error>b"]),
    script: answers({ a: Array(8).fill({ status: 400 }) }),
    ends: ["completed"],
    path: ["a", "b", "t"],
  },
  {
    name: "a message whose answer is lost",
    root: graph({ t: START, a: message(), b: message() }, ["t>a", "a>b"]),
    script: answers({ a: [{ hang: "accepted" }], b: [{ cut: "accepted" }] }),
    ends: ["completed"],
    path: ["a", "b", "t"],
  },
  {
    name: "a message that never arrived, and one that came late",
    root: graph({ t: START, a: message(retry(3)), b: message({ timeout_seconds: 2 }) }, ["t>a", "a>b"]),
    script: answers({ a: [{ cut: "refused" }, { status: 429 }], b: [{ late: 2_500 }] }),
    ends: ["completed", "failed"],
  },
  {
    name: "an answer that no row can hold",
    root: graph({ t: START, a: http(), b: http() }, ["t>a", "a:error>b"]),
    script: (node) => (node === "a" ? { large: 110_000 } : { status: 200 }),
    ends: ["completed"],
    path: ["a", "b", "t"],
    requests: 2,
  },
  {
    name: "a dry run",
    root: graph(
      {
        t: START,
        a: http(),
        b: message(),
        w: ["action_wait_for_event", { event_type: "PAID", timeout: 1, unit: "hours" }],
      },
      ["t>a", "a>b", "b>w"],
    ),
    dryRun: true,
    ends: ["completed"],
    path: ["a", "b", "t", "w"],
    requests: 0,
  },
  {
    name: "a delay of 1 ms",
    root: graph({ t: START, d: delay(1, "milliseconds"), a: http() }, ["t>d", "d>a"]),
    ends: ["completed"],
    path: ["a", "d", "t"],
  },
  {
    name: "a delay of 1 hour",
    root: graph({ t: START, d: delay(1, "hours"), a: http() }, ["t>d", "d>a"]),
    ends: ["completed"],
    path: ["a", "d", "t"],
  },
  {
    name: "a delay of 25 days",
    root: graph({ t: START, d: delay(25, "days"), a: message() }, ["t>d", "d>a"]),
    ends: ["completed"],
    path: ["a", "d", "t"],
  },
  {
    name: "a delay of a year",
    root: graph({ t: START, a: http(), d: delay(365, "days") }, ["t>a", "a>d"]),
    ends: ["completed"],
    path: ["a", "d", "t"],
  },
  {
    name: "an event that comes in time",
    root: graph(
      {
        t: START,
        w: ["action_wait_for_event", { event_type: "ORDER_PAID", timeout: 1, unit: "days" }],
        a: http(),
        b: http(),
      },
      ["t>w", "w:received>a", "w:timeout>b"],
    ),
    events: [
      { at: 5_000, type: "OTHER" },
      { at: 60_000, type: "ORDER_PAID" },
      { at: 60_500, type: "ORDER_PAID" },
    ],
    ends: ["completed"],
    path: ["a", "t", "w"],
  },
  {
    name: "an event that comes too late",
    root: graph(
      {
        t: START,
        w: ["action_wait_for_event", { event_type: "ORDER_PAID", timeout: 1, unit: "hours" }],
        a: http(),
        b: http(),
      },
      ["t>w", "w:received>a", "w:timeout>b"],
    ),
    events: [{ at: 9 * 3_600_000, type: "ORDER_PAID" }],
    ends: ["completed"],
    path: ["b", "t", "w"],
  },
  {
    name: "an event that comes while the wait begins, without a time-out",
    root: graph({ t: START, w: ["action_wait_for_event", { event_type: "ORDER_PAID" }], a: http() }, [
      "t>w",
      "w:received>a",
    ]),
    // Late enough that the wait stands, whatever crashed; the early ones race its beginning.
    events: [4, 6, 8, 10, 12, 14, 30 * 86_400_000].map((at) => ({ at, type: "ORDER_PAID" })),
    ends: ["completed"],
    path: ["a", "t", "w"],
  },
  {
    name: "more is missed than a page",
    root: graph(
      {
        t: START,
        w: [
          "action_wait_for_event",
          { event_type: "ORDER_PAID", filters: { field: "event.data.at", operator: "greater", value: 12 } },
        ],
        a: http(),
      },
      ["t>w", "w:received>a"],
    ),
    // Six that are not waited for, and then one that is; the last comes late enough that the wait stands, whatever crashed.
    events: [6, 7, 8, 9, 10, 11, 13, 30 * 86_400_000].map((at) => ({ at, type: "ORDER_PAID" })),
    ends: ["completed"],
    path: ["a", "t", "w"],
  },
  {
    name: "branches that merge",
    root: graph(
      { t: START, p: "flow_parallel", a: http(), b: message(), d: delay(3, "seconds"), m: "flow_merge", z: http() },
      ["t>p", "p:one>a", "p:two>b", "p:three>d", "a>m", "b>m", "d>m", "m>z"],
    ),
    ends: ["completed"],
    path: ["a", "b", "d", "m", "p", "t", "z"],
  },
  {
    name: "loops in loops",
    root: graph(
      {
        t: START,
        o: ["loop_foreach", { items: [1, 2], item_variable: "outer" }],
        i: ["loop_foreach", { items: ["x", "y"], item_variable: "inner" }],
        a: http({ body: { at: "{{outer}}{{inner}}" } }),
        z: message(),
      },
      ["t>o", "o:body>i", "i:body>a", "a>i", "i:done>o", "o:done>z"],
    ),
    ends: ["completed"],
    path: ["a", "a", "a", "a", "i", "i", "o", "t", "z"],
  },
  {
    name: "a sub-workflow that is waited for",
    root: graph({ t: START, s: ["action_subworkflow", { workflow_id: "child" }], a: http() }, ["t>s", "s>a"]),
    others: { child: graph({ t: START, d: delay(2, "seconds"), c: http() }, ["t>d", "d>c"]) },
    ends: ["completed"],
    path: ["a", "s", "t"],
  },
  {
    name: "a sub-workflow that is over at once, and one that fails",
    root: graph(
      {
        t: START,
        q: ["action_subworkflow", { workflow_id: "quick" }],
        s: ["action_subworkflow", { workflow_id: "bad" }],
        a: http(),
      },
      ["t>q", "q>s", "s:error>a"],
    ),
    others: {
      quick: graph({ t: START, e: ["flow_end", { output: { done: true } }] }, ["t>e"]),
      bad: graph({ t: START, c: http() }, ["t>c"]),
    },
    script: answers({ c: Array(8).fill({ status: 404 }) }),
    ends: ["completed"],
    path: ["a", "q", "s", "t"],
  },
  {
    name: "a cancel while a sub-workflow runs",
    root: graph({ t: START, s: ["action_subworkflow", { workflow_id: "child" }], a: http() }, ["t>s", "s>a"]),
    others: { child: graph({ t: START, c: http(), d: delay(1, "hours"), e: http() }, ["t>c", "c>d", "d>e"]) },
    cancels: [5_000],
    ends: ["cancelled"],
  },
  {
    name: "a sub-workflow that takes too long",
    root: graph({ t: START, s: ["action_subworkflow", { workflow_id: "child", timeout_seconds: 3 }], a: http() }, [
      "t>s",
      "s:error>a",
    ]),
    others: { child: graph({ t: START, d: delay(1, "hours"), c: message() }, ["t>d", "d>c"]) },
    ends: ["completed"],
    path: ["a", "s", "t"],
  },
  {
    name: "a run that takes too long",
    root: graph({ t: START, a: http(), b: http() }, ["t>a", "a>b"], { settings: { timeoutSeconds: 10 } }),
    script: answers({ a: Array(9).fill({ hang: "accepted" }) }),
    ends: ["timed_out"],
  },
  {
    name: "a step that takes too long, and its error port",
    root: graph({ t: START, a: http({ timeout_seconds: 0.5, ...retry(2) }), b: http() }, ["t>a", "a:error>b"]),
    script: answers({ a: Array(9).fill({ hang: "accepted" }) }),
    ends: ["completed"],
    path: ["a", "b", "t"],
  },
  {
    name: "code between two requests",
    root: graph(
      { t: START, a: http(), x: ["action_code", { language: "python", code: "result = context['input']" }], b: http() },
      ["t>a", "a>x", "x>b"],
    ),
    ends: ["completed"],
    path: ["a", "b", "t", "x"],
  },
  {
    name: "more requests at once than connections",
    root: graph(
      {
        t: START,
        p: "flow_parallel",
        ...Object.fromEntries([..."abcdefghi"].map((id) => [id, http()])),
        m: "flow_merge",
      },
      ["t>p", ...[..."abcdefghi"].flatMap((id) => [`p:${id}>${id}`, `${id}>m`])],
    ),
    ends: ["completed"],
    path: [..."abcdefghimpt"],
  },
  {
    name: "a cancel in the middle of many requests",
    root: graph(
      {
        t: START,
        p: "flow_parallel",
        ...Object.fromEntries([..."abcdefghi"].map((id) => [id, http()])),
        m: "flow_merge",
        z: http(),
      },
      ["t>p", ...[..."abcdefghi"].flatMap((id) => [`p:${id}>${id}`, `${id}>m`]), "m>z"],
    ),
    script: (node, nth) => (nth === 1 && "abcdef".includes(node) ? { late: 5_000 } : { status: 200 }),
    cancels: [2_000],
    ends: ["cancelled", "completed"],
  },
  {
    name: "more rounds than a macro-step has",
    root: graph(
      {
        t: START,
        l: ["loop_foreach", { items: Array.from({ length: 300 }, (_, i) => i) }],
        v: ["data_variable", { name: "last", value: "{{item}}" }],
        a: http(),
      },
      ["t>l", "l:body>v", "v>l", "l:done>a"],
    ),
    ends: ["completed"],
  },
];
