// Loops, branches and merges of the real catalogue on the real engine.
import { describe, expect, it } from "vitest";
import { compile } from "../../src/engine/compile.ts";
import type { Definition } from "../../src/engine/contract.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { nodeTypes } from "../../src/nodes/index.ts";
import { graph, Run } from "../engine/kit.ts";

const start = (definition: Definition, data: JsonObject = {}): Run => {
  const { program, findings } = compile(definition, nodeTypes);
  if (!program) throw new Error(JSON.stringify(findings));
  return new Run(program, { event: { id: "e", type: "MANUAL_TRIGGER", source: "test", data, occurredAt: 0 } });
};

const outputOf = (run: Run, node: string) => run.state.visits.get(run.state.nodes.get(node)?.last ?? 0)?.output;
const visits = (run: Run, node: string) => run.state.nodes.get(node)?.count ?? 0;

const sum = (each: string): [string, JsonObject] => [
  "data_variable",
  { name: "sum", value: `{{ variables.sum | plus: ${each} }}` },
];
const variables = { sum: 0, n: 0 };

describe("loop_foreach", () => {
  const loop = (each: JsonObject): Definition =>
    graph(
      {
        t: "trigger_manual",
        l: ["loop_foreach", each],
        b: sum("price"),
        d: ["flow_end", { output: "{{variables.sum}}" }],
      },
      ["t>l", "l:body>b", "l:done>d"],
      { variables },
    );

  it("runs its body for each element under its name, then goes on", () => {
    const run = start(loop({ items: "event.data.prices", item_variable: "price" }), { prices: [1, 2, 3] });
    expect([run.status, run.state.run?.output, visits(run, "b")]).toEqual(["completed", 6, 3]);
    expect(outputOf(run, "l")).toEqual({ count: 3, stopped_by: "end" });
  });

  it("passes over an empty list and fails on what is none", () => {
    expect(outputOf(start(loop({ items: [], item_variable: "price" })), "l")).toEqual({ count: 0, stopped_by: "end" });
    const run = start(loop({ items: "event.data.prices", item_variable: "price" }), { prices: 5 });
    expect(run.state.run?.error).toMatchObject({
      code: "INVALID_CONFIG",
      message: "items: A list is needed.",
      nodeId: "l",
    });
  });

  it("has its element among the variables too, in code as well, and a variable of that name wins", () => {
    const value = "{{ variables.seen }}{{ variables.o }}{{ variables.i }}{{ variables.n }} ";
    const run = start(
      graph(
        {
          t: "trigger_manual",
          outer: ["loop_foreach", { items: [1, 2], item_variable: "o" }],
          inner: ["loop_foreach", { items: ["a"], item_variable: "i" }],
          named: ["loop_foreach", { items: [8], item_variable: "n" }],
          b: ["data_variable", { name: "seen", value }],
          c: ["action_code", { language: "python", code: "result = context['variables']['i']" }],
        },
        ["t>outer", "outer:body>inner", "inner:body>named", "named:body>b", "b>c"],
        { variables: { n: 0 } },
      ),
    );
    expect(run.state.variables.get("seen")).toBe("1a0 ");
    const known = { o: 1, i: "a", n: 0, item: 8, index: 0, seen: "1a0 " };
    expect(run.performed[0]?.input).toMatchObject({ context: { variables: known } });
    run.settle();
    expect([run.status, run.state.variables.get("seen")]).toEqual(["completed", "1a0 2a0 "]);
  });

  it("nests; `item` is the innermost element, names of outer loops stay readable in conditions too", () => {
    const nested = graph(
      {
        t: "trigger_manual",
        outer: ["loop_foreach", { items: "event.data.orders", item_variable: "order" }],
        inner: ["loop_foreach", { items: "order.lines", item_variable: "line" }],
        if: ["condition_if", { conditions: [{ field: "order.paid", operator: "equals", value: true }] }],
        b: sum("item.price"),
        d: "flow_end",
      },
      ["t>outer", "outer:body>inner", "inner:body>if", "if:true>b", "outer:done>d"],
      { variables },
    );
    const orders = [
      { paid: true, lines: [{ price: 1 }, { price: 2 }] },
      { paid: false, lines: [{ price: 100 }] },
      { paid: true, lines: [{ price: 4 }] },
    ];
    const run = start(nested, { orders });
    expect([run.status, run.state.variables.get("sum")]).toEqual(["completed", 7]);
  });

  it("10,000 rounds end", { timeout: 20_000 }, () => {
    const prices = Array.from({ length: 10_000 }, () => 1);
    const run = start(loop({ items: "event.data.prices", item_variable: "price" }), { prices });
    expect([run.status, run.state.run?.output]).toEqual(["completed", 10_000]);
  });
});

describe("loop_while", () => {
  const loop = (limit: number, more: JsonObject = {}): Definition =>
    graph(
      {
        t: "trigger_manual",
        l: ["loop_while", { conditions: [{ field: "variables.n", operator: "less", value: limit }], ...more }],
        b: ["data_variable", { name: "n", value: "{{ variables.n | plus: 1 }}" }],
        d: "flow_end",
      },
      ["t>l", "l:body>b", "b>l", "l:done>d"],
      { variables },
    );

  it("judges before each round", () => {
    expect(outputOf(start(loop(3)), "l")).toEqual({ iterations: 3, stopped_by: "conditions" });
    expect(outputOf(start(loop(0)), "l")).toEqual({ iterations: 0, stopped_by: "conditions" });
  });

  it("leaves by done at its bound", () => {
    const run = start(loop(1e9, { max_iterations: 7 }));
    expect([run.status, visits(run, "b"), outputOf(run, "l")]).toEqual([
      "completed",
      7,
      { iterations: 7, stopped_by: "max_iterations" },
    ]);
    expect(visits(start(loop(1e9)), "b")).toBe(1_000);
    expect(visits(start(loop(1e9, { max_iterations: "{{ 2 }}" })), "b")).toBe(2);
  });
});

it("loop_break ends the innermost loop only", () => {
  const definition = graph(
    {
      t: "trigger_manual",
      outer: ["loop_foreach", { items: [1, 2], item_variable: "a" }],
      inner: ["loop_foreach", { items: [1, 2, 3], item_variable: "b" }],
      if: ["condition_if", { conditions: [{ field: "b", operator: "equals", value: 2 }] }],
      stop: "loop_break",
      add: sum("1"),
      d: "flow_end",
    },
    ["t>outer", "outer:body>inner", "inner:body>if", "if:true>stop", "if:false>add", "outer:done>d"],
    { variables },
  );
  const run = start(definition);
  expect([run.status, run.state.variables.get("sum"), visits(run, "stop")]).toEqual(["completed", 2, 2]);
  expect(outputOf(run, "inner")).toEqual({ count: 1, stopped_by: "break" });
  expect(outputOf(run, "outer")).toEqual({ count: 2, stopped_by: "end" });
});

it("flow_parallel forks by any port, flow_merge brings the outputs together", () => {
  const definition = graph(
    {
      t: "trigger_manual",
      p: "flow_parallel",
      a: ["data_transform", { mappings: { from: "a" } }],
      b: ["data_transform", { mappings: { from: "b" } }],
      m: "flow_merge",
      d: "flow_end",
    },
    ["t>p", "p:left>a", "p:anything>b", "a>m", "b>m", "m>d"],
  );
  const run = start(definition);
  expect(run.state.run?.output).toEqual({ a: { from: "a" }, b: { from: "b" } });
  expect(outputOf(run, "p")).toEqual({ branches: ["left", "anything"] });
  expect(visits(run, "m")).toBe(1);
});
