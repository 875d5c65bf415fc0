// A small catalogue that shows the engine every kind of outcome, and a driver that plays the shell. No real node is needed to test the engine.
import { z } from "zod";
import { type Catalogue, compile } from "../../src/engine/compile.ts";
import type { Definition, EffectResult, Input, NodeType, StartInput } from "../../src/engine/contract.ts";
import { CURRENT_FLAGS } from "../../src/engine/flags.ts";
import type { Program } from "../../src/engine/program.ts";
import { applyDelta, newState, nextDue, type RunState } from "../../src/engine/state.ts";
import { type Step, step } from "../../src/engine/step.ts";
import type { Json, JsonObject } from "../../src/lib/json.ts";

const one = { inputs: ["input"], outputs: ["output"] };
const base = { title: "", description: "", schema: z.looseObject({}), ports: () => one };

const types: NodeType[] = [
  {
    ...base,
    type: "start",
    kind: "trigger",
    ports: () => ({ inputs: [], outputs: ["output"] }),
    enter: (v) => ({ kind: "next", port: "output", output: v.input }),
  },
  {
    ...base,
    type: "pass",
    kind: "data",
    enter: (v) => ({
      kind: "next",
      port: "output",
      output: v.config.value ?? v.input,
      ...(v.config.set ? { set: v.config.set as JsonObject } : {}),
    }),
  },
  {
    ...base,
    type: "call",
    kind: "action",
    enter: (v) => ({ kind: "perform", action: "call", input: v.config }),
    resume: (_v, signal) =>
      signal.kind === "result"
        ? { kind: "next", port: "output", output: signal.output }
        : { kind: "fail", error: { code: "ODD", message: "odd" } },
  },
  {
    ...base,
    type: "send",
    kind: "action",
    onUnknown: "reconcile",
    enter: (v) => ({ kind: "perform", action: "send", input: v.config }),
    resume: (_v, signal) => ({ kind: "next", port: "output", output: signal.kind === "result" ? signal.output : null }),
  },
  {
    ...base,
    type: "sleep",
    kind: "action",
    waits: () => true,
    enter: (v) => ({ kind: "wait", until: v.now + Number(v.config.ms) }),
    resume: () => ({ kind: "next", port: "output", output: "woken" }),
  },
  {
    ...base,
    type: "await",
    kind: "action",
    waits: () => true,
    ports: () => ({ inputs: ["input"], outputs: ["received", "timeout"] }),
    enter: (v) => ({
      kind: "wait",
      event: { eventType: "PING" },
      ...(v.config.ms ? { until: v.now + Number(v.config.ms) } : {}),
    }),
    resume: (_v, signal) =>
      signal.kind === "event"
        ? { kind: "next", port: "received", output: signal.event.data }
        : { kind: "next", port: "timeout", output: null },
  },
  {
    ...base,
    type: "fork",
    kind: "flow",
    ports: () => ({ inputs: ["input"], outputs: [], anyOutput: true }),
    enter: (v) => ({ kind: "fork", ports: v.connected, output: null }),
  },
  {
    ...base,
    type: "merge",
    kind: "flow",
    joins: true,
    enter: (v) => ({ kind: "next", port: "output", output: v.input }),
  },
  {
    ...base,
    type: "switch",
    kind: "condition",
    ports: () => ({ inputs: ["input"], outputs: ["a", "b"] }),
    enter: (v) => ({ kind: "next", port: v.config.to === "b" ? "b" : "a", output: v.input }),
  },
  {
    ...base,
    type: "each",
    kind: "loop",
    ports: () => ({ inputs: ["input"], outputs: ["body", "done"] }),
    enter: (v) => next(v.config.items as Json[], 0),
    resume: (v, signal) =>
      signal.kind === "broken"
        ? { kind: "next", port: "done", output: v.round }
        : next(v.config.items as Json[], v.round),
  },
  {
    ...base,
    type: "break",
    kind: "loop",
    ends: true,
    ports: () => ({ inputs: ["input"], outputs: [] }),
    breaks: true,
    enter: () => ({ kind: "break" }),
  },
  {
    ...base,
    type: "end",
    kind: "flow",
    ends: true,
    ports: () => ({ inputs: ["input"], outputs: [] }),
    enter: (v) => ({ kind: "end", output: v.config.output ?? v.input }),
  },
];

const next = (items: Json[], round: number) =>
  round < items.length
    ? ({ kind: "iterate", locals: { item: items[round] ?? null, index: round } } as const)
    : ({ kind: "next", port: "done", output: round } as const);

export const catalogue: Catalogue = new Map(types.map((type) => [type.type, type]));

/** `{ a: "pass", b: ["call", { … }] }` and `["a>b", "b:done>c"]` as a definition. */
export const graph = (
  nodes: Record<string, string | [string, JsonObject]>,
  edges: string[],
  more: Partial<Definition> = {},
): Definition => ({
  nodes: Object.fromEntries(
    Object.entries(nodes).map(([id, node]) => [
      id,
      typeof node === "string" ? { type: node, config: {} } : { type: node[0], config: node[1] },
    ]),
  ),
  edges: edges.map((text, index) => {
    const [left, to] = text.split(">") as [string, string];
    const [from, port] = left.split(":") as [string, string | undefined];
    return { id: `e${index}`, from, fromPort: port ?? "output", to, toPort: "input" };
  }),
  variables: {},
  ...more,
});

export const compiled = (definition: Definition): Program => {
  const { program, findings } = compile(definition, catalogue);
  if (!program) throw new Error(JSON.stringify(findings));
  return program;
};

export const startInput = (more: Partial<StartInput> = {}): StartInput => ({
  type: "start",
  at: 1_000,
  flags: CURRENT_FLAGS,
  executionId: "x1",
  organizationId: "o1",
  workflowId: "w1",
  versionId: "v1",
  startNodes: [],
  event: { id: "ev1", type: "MANUAL_TRIGGER", source: "test", data: {}, occurredAt: 1_000 },
  variables: {},
  metadata: {},
  dryRun: false,
  ...more,
});

/** Plays the shell with a clock of its own: keeps the journal, answers effects from a script. */
export class Run {
  readonly program: Program;
  readonly state: RunState = newState();
  readonly journal: Input[] = [];
  readonly performed: { key: string; attempt: number; mode: string; input: JsonObject }[] = [];
  now = 1_000;

  constructor(definition: Definition | Program, more: Partial<StartInput> = {}) {
    this.program =
      "nodes" in definition && definition.nodes instanceof Map
        ? (definition as Program)
        : compiled(definition as Definition);
    this.feed(startInput(more));
  }

  feed(input: Input): Step {
    const done = step(this.program, this.state, input);
    if (done.ignored) return done;
    this.journal.push(input);
    applyDelta(this.state, done.delta);
    for (const effect of done.effects) {
      if (effect.type === "perform")
        this.performed.push({ key: effect.key, attempt: effect.attempt, mode: effect.mode, input: effect.input });
      if (effect.type === "continue") this.feed({ type: "continue", at: this.now });
    }
    return done;
  }

  result(
    key: string,
    result: EffectResult,
    attempt = this.performed.findLast((one) => one.key === key)?.attempt ?? 1,
  ): Step {
    return this.feed({ type: "result", at: this.now, key, attempt, result });
  }

  ok(key: string, output: Json = "ok"): Step {
    return this.result(key, { outcome: "ok", output });
  }

  pass(ms: number): Step {
    this.now += ms;
    return this.feed({ type: "time", at: this.now });
  }

  /** Lets time run until nothing is due and answers every effect, until the run ends or stands still. */
  settle(answer: (key: string) => EffectResult = () => ({ outcome: "ok", output: "ok" }), turns = 100_000): this {
    for (let turn = 0; turn < turns && this.state.run?.endedAt == null; turn++) {
      const busy = [...this.state.tokens.values()].find((token) => token.phase === "performing");
      if (busy) {
        this.result(`${busy.node}:${busy.visit}`, answer(`${busy.node}:${busy.visit}`), busy.attempt);
        continue;
      }
      const due = nextDue(this.state);
      if (due === null) break;
      this.now = Math.max(this.now, due);
      this.feed({ type: "time", at: this.now });
    }
    return this;
  }

  get status(): string {
    return this.state.run!.status;
  }

  get path(): string[] {
    return [...this.state.visits.values()].sort((a, b) => a.n - b.n).map((visit) => visit.node);
  }

  get live(): string[] {
    return [...this.state.tokens.values()].map((token) => `${token.node}:${token.phase}`);
  }
}

/** A state as plain JSON, for comparing. */
export const plain = (state: RunState): Json =>
  JSON.parse(
    JSON.stringify({
      run: state.run,
      variables: Object.fromEntries([...state.variables].sort()),
      tokens: Object.fromEntries(state.tokens),
      visits: Object.fromEntries(state.visits),
      nodes: Object.fromEntries([...state.nodes].sort()),
      frames: Object.fromEntries(state.frames),
    }),
  );
