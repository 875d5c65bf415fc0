// Small runs in which everything happens in the same millisecond, `raceAt` after the start: they are walked through in every order.
import { graph } from "../engine/kit.ts";
import { delay, http, message, START } from "./nodes.ts";
import type { Scenario } from "./scenarios.ts";

const RACE_MS = 1_000;
const waiting = (more: object = {}): [string, never] => [
  "action_wait_for_event",
  { event_type: "REPLY", timeout: 1, unit: "seconds", ...more } as never,
];
const reply = { at: RACE_MS, type: "REPLY" };

export const races: readonly Scenario[] = [
  {
    name: "reply, time-out and cancel",
    root: graph({ t: START, w: waiting(), a: http(), b: http() }, ["t>w", "w:received>a", "w:timeout>b"]),
    events: [reply],
    cancels: [RACE_MS],
    raceAt: RACE_MS,
    ends: ["completed", "cancelled"],
  },
  {
    name: "two replies and the end of the whole run's time",
    root: graph({ t: START, w: waiting(), a: message() }, ["t>w", "w:received>a"], { settings: { timeoutSeconds: 1 } }),
    events: [reply, reply],
    raceAt: RACE_MS,
    ends: ["completed", "timed_out"],
  },
  {
    name: "an answer, its time-out and a cancel",
    root: graph({ t: START, a: http({ timeout_seconds: 1 }), b: http() }, ["t>a", "a:error>b"]),
    script: (node) => (node === "a" ? { late: RACE_MS } : { status: 200 }),
    cancels: [RACE_MS],
    raceAt: RACE_MS,
    ends: ["completed", "cancelled"],
  },
  {
    name: "a message's answer, its time-out and a cancel",
    root: graph({ t: START, a: message({ timeout_seconds: 1 }) }, ["t>a"]),
    script: (_node, nth) => (nth === 1 ? { late: RACE_MS } : { status: 200 }),
    cancels: [RACE_MS],
    raceAt: RACE_MS,
    ends: ["completed", "cancelled"],
  },
  {
    name: "a child's end, the time for it and a cancel of its parent",
    root: graph(
      { t: START, s: ["action_subworkflow", { workflow_id: "child", timeout_seconds: 1 }], a: http(), b: http() },
      ["t>s", "s>a", "s:error>b"],
    ),
    others: { child: graph({ t: START, d: delay(1, "seconds") }, ["t>d"]) },
    cancels: [RACE_MS],
    raceAt: RACE_MS,
    ends: ["completed", "cancelled"],
  },
  {
    name: "two branches that end at once, and a merge",
    root: graph({ t: START, p: "flow_parallel", w: waiting(), d: delay(1, "seconds"), m: "flow_merge", z: message() }, [
      "t>p",
      "p:one>w",
      "p:two>d",
      "w:received>m",
      "w:timeout>m",
      "d>m",
      "m>z",
    ]),
    events: [reply],
    raceAt: RACE_MS,
    ends: ["completed"],
  },
];
