// What a visit's templates and conditions may do, and a macro-step: counted, not timed, so that a replay ends where the run did.
import { describe, expect, it } from "vitest";
import { compile } from "../../src/engine/compile.ts";
import type { Definition, StartInput } from "../../src/engine/contract.ts";
import { newState } from "../../src/engine/state.ts";
import { step } from "../../src/engine/step.ts";
import type { Json, JsonObject } from "../../src/lib/json.ts";
import { nodeTypes } from "../../src/nodes/index.ts";
import { graph, Run, startInput } from "./kit.ts";

const programOf = (definition: Definition) => {
  const { program, findings } = compile(definition, nodeTypes);
  if (!program) throw new Error(JSON.stringify(findings));
  return program;
};
const line = (nodes: Record<string, [string, JsonObject]>): Definition => {
  const ids = Object.keys(nodes);
  return graph(
    nodes,
    ids.slice(1).map((id, index) => `${ids[index]}>${id}`),
  );
};
const started = (nodes: Record<string, [string, JsonObject]>, more: Partial<StartInput> = {}) =>
  new Run(programOf(line(nodes)), more);

const TEXT = "abcdefghij".repeat(6_000);
const HEAVY = '{{ variables.text | split: "" | sort | reverse | size }}';
const mappings = (count: number, template: string): [string, JsonObject] => [
  "data_transform",
  { mappings: Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, template])) },
];
const filter = (count: number, value: string): [string, JsonObject] => [
  "condition_if",
  {
    conditions: {
      operator: "or",
      conditions: Array.from({ length: count }, (_, index) => ({
        field: "variables.text",
        operator: "regex",
        value: `${value}${index}`,
      })),
    },
  },
];

describe("the work of one visit", () => {
  it("is shared by its templates: many heavy ones are one that is too heavy", () => {
    expect(started({ a: mappings(10, HEAVY) }, { variables: { text: TEXT } }).state.run?.error).toBeNull();
    const { run } = started({ a: mappings(500, HEAVY) }, { variables: { text: TEXT } }).state;
    expect(run).toMatchObject({
      status: "failed",
      error: { code: "TEMPLATE_ERROR", message: expect.stringMatching(/too much work/) },
    });
  });

  it("counts what is read as a whole", () => {
    const variables = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`v${index}`, index as Json]));
    const { run } = started({ a: mappings(2_000, "{{ variables | size }}") }, { variables }).state;
    expect(run?.error).toMatchObject({ message: expect.stringMatching(/too much work/) });
  });

  it("bounds patterns", () => {
    const variables = { text: "ab".repeat(4_900) };
    const pattern = "(?:a?){30}(?:[ab]*c?){20}(?:a|b){250}z";
    expect(started({ a: filter(3, pattern) }, { variables }).state.run?.error).toBeNull();
    const { run } = started({ a: filter(60, pattern) }, { variables }).state;
    expect(run).toMatchObject({
      status: "failed",
      error: { code: "BUDGET_EXCEEDED", message: expect.stringMatching(/conditions/) },
    });
  });

  it("lets a list of ten thousand be filtered", () => {
    const items = Array.from({ length: 10_000 }, (_, n) => ({ n, name: `name ${n}` }));
    const conditions = [{ field: "item.name", operator: "regex", value: "7$" }];
    const run = started(
      { a: ["condition_filter", { items: "variables.items", conditions }] },
      { variables: { items } },
    );
    expect(run.status).toBe("completed");
    expect((run.state.run!.output as { items: Json[] }).items).toHaveLength(1_000);
  });

  it("is not counted in a run that began before it was", () => {
    const more = { variables: { text: TEXT }, flags: 1 };
    expect(started({ a: mappings(60, HEAVY) }, more).status).toBe("completed");
  });
});

it("a macro-step ends where its work does, and the run goes on in the next", () => {
  const nodes = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`n${index}`, mappings(10, HEAVY)]));
  const program = programOf(line(nodes));
  const first = step(program, newState(), startInput({ variables: { text: TEXT } }));
  expect(first.effects).toEqual([{ type: "continue" }]);
  expect(first.delta.visits.size).toBeLessThan(10);
  const run = new Run(program, { variables: { text: TEXT } });
  expect([run.status, run.path.length]).toEqual(["completed", 20]);
  expect(run.journal.length).toBeGreaterThan(3);
});
