// The pure engine: node-steps a second, and what a step costs in a run of 10,000 nodes against one of 100. Run: npm run bench -- engine
import { compile } from "../src/engine/compile.ts";
import type { Definition, StartInput } from "../src/engine/contract.ts";
import { applyDelta, newState } from "../src/engine/state.ts";
import { step } from "../src/engine/step.ts";
import { nodeTypes } from "../src/nodes/index.ts";

/** A line of `size` nodes in which every second one performs an action, so that a run takes size / 2 steps. */
const line = (size: number): Definition => {
  const ids = Array.from({ length: size }, (_, index) => `n${index}`);
  const nodes: Definition["nodes"] = { t: { type: "trigger_manual", config: {} } };
  ids.forEach((id, index) => {
    nodes[id] =
      index % 2 === 0
        ? {
            type: "data_transform",
            config: {
              mappings: { greeting: "Hello {{ event.data.name }}", before: `{{ nodes.n${index - 1}.output.status }}` },
            },
          }
        : { type: "action_webhook", config: { url: "https://example.com/hook", method: "POST", body: { n: index } } };
  });
  const order = ["t", ...ids];
  const edges = order
    .slice(1)
    .map((to, index) => ({ id: `e${index}`, from: order[index]!, fromPort: "output", to, toPort: "input" }));
  return { nodes, edges, variables: {} };
};

const start: StartInput = {
  type: "start",
  at: 0,
  flags: 1,
  executionId: "x",
  organizationId: "o",
  workflowId: "w",
  versionId: "v",
  startNodes: [],
  event: { id: "e", type: "MANUAL_TRIGGER", source: "bench", data: { name: "Ada" }, occurredAt: 0 },
  variables: {},
  metadata: {},
  dryRun: false,
};

/** Microseconds a step, over a whole run of the line. */
const measure = (size: number): { perStep: number; nodesPerSecond: number } => {
  const { program, findings } = compile(line(size), nodeTypes);
  if (!program) throw new Error(JSON.stringify(findings.slice(0, 3)));
  const state = newState();
  const before = performance.now();
  let steps = 1;
  let done = step(program, state, start);
  applyDelta(state, done.delta);
  for (let now = 1; state.run?.endedAt == null; now++) {
    const effect = done.effects.find((one) => one.type === "perform");
    if (effect?.type !== "perform") throw new Error(`stands still: ${JSON.stringify(state.run?.error)}`);
    done = step(program, state, {
      type: "result",
      at: now,
      key: effect.key,
      attempt: effect.attempt,
      result: { outcome: "ok", output: { status: 200, headers: {}, body: null } },
    });
    applyDelta(state, done.delta);
    steps++;
  }
  const ms = performance.now() - before;
  return { perStep: (ms * 1000) / steps, nodesPerSecond: Math.round((state.visits.size / ms) * 1000) };
};

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

for (let round = 0; round < 30; round++) measure(100);
const small = Array.from({ length: 41 }, () => measure(100));
const large = Array.from({ length: 5 }, () => measure(9_998));
const costs = { small: median(small.map((one) => one.perStep)), large: median(large.map((one) => one.perStep)) };
console.table([
  { nodes: 100, "µs a step": costs.small.toFixed(1), "nodes a second": median(small.map((one) => one.nodesPerSecond)) },
  {
    nodes: 9_998,
    "µs a step": costs.large.toFixed(1),
    "nodes a second": median(large.map((one) => one.nodesPerSecond)),
  },
]);
console.log(
  `cost of a step at 10,000 nodes over that at 100: ${(costs.large / costs.small).toFixed(2)} (target: at most 1.5)`,
);
