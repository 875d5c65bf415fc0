// What an enhanced workflow runs as, what is said of it, and how long it is said to take.
import { describe, expect, it } from "vitest";
import { compileWorkflow, judgeWorkflow } from "../../../src/domain/workflow/enhanced/compile-workflow.ts";
import { estimatePerformance } from "../../../src/domain/workflow/enhanced/estimate-performance.ts";
import { suggestionsOf } from "../../../src/domain/workflow/enhanced/suggest.ts";
import type { DataNode, EnhancedWire, WorkflowData } from "../../../src/domain/workflow/enhanced/workflow-data.ts";
import { workflowDataOf } from "../../../src/domain/workflow/enhanced/workflow-data-of.ts";
import type { Workflow } from "../../../src/domain/workflow/workflow.ts";
import { compile } from "../../../src/engine/compile.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { nodeTypes } from "../../../src/nodes/index.ts";

const node = (id: string, type: string, config: JsonObject = {}): DataNode => ({ id, type, data: { config } });
const edge = (source: string, target: string, sourceHandle?: string | null) => ({
  source,
  target,
  ...(sourceHandle !== undefined && { sourceHandle }),
});
const wire = (workflowData: WorkflowData, more: Partial<EnhancedWire> = {}): EnhancedWire => ({
  workflowData,
  triggerType: null,
  triggerConfig: {},
  settings: {},
  templateId: null,
  ...more,
});
const drawing: WorkflowData = {
  nodes: [node("if", "condition_if", { conditions: [{ field: "a", operator: "exists" }] }), node("end", "flow_end")],
  edges: [
    edge("if", "end", "true"),
    { id: "edge1", source: "if", target: "end", sourceHandle: "false", targetHandle: null },
  ],
  variables: { a: 1 },
};

describe("a drawing", () => {
  it("becomes nodes and edges by their ports, without its layout", () => {
    const { definition, findings } = compileWorkflow(wire(drawing));
    expect(findings).toEqual([]);
    expect(definition).toEqual({
      nodes: {
        if: { type: "condition_if", config: { conditions: [{ field: "a", operator: "exists" }] } },
        end: { type: "flow_end", config: {} },
      },
      edges: [
        { id: "edge2", from: "if", fromPort: "true", to: "end", toPort: "input" },
        { id: "edge1", from: "if", fromPort: "false", to: "end", toPort: "input" },
      ],
      variables: { a: 1 },
    });
  });

  it("keeps settings in the engine's words", () => {
    const settings = {
      timeoutSeconds: 9,
      maxConcurrency: 2,
      retry: { maxAttempts: 3, backoffSeconds: 2 },
      errorWorkflowId: "w",
      quietHours: { start: "20:00", end: "08:00" },
    };
    expect(compileWorkflow(wire(drawing, { settings })).definition.settings).toEqual({
      ...settings,
      retry: { maxAttempts: 3, backoffMs: 2_000 },
    });
  });

  it("whose only way in is a loop is entered there", () => {
    const looped: WorkflowData = {
      nodes: [
        node("body", "data_variable", { name: "x", value: 1 }),
        node("each", "loop_foreach", { items: [1], item_variable: "i" }),
      ],
      edges: [edge("each", "body", "body"), edge("body", "each")],
    };
    const { definition } = compileWorkflow(wire(looped, { triggerType: "manual" }));
    expect(definition.edges.at(-1)).toMatchObject({ from: "trigger_shorthand", to: "each" });
  });

  it("with a reserved word for an id harms nobody", () => {
    const { findings } = judgeWorkflow(
      wire({ nodes: [node("__proto__", "flow_end"), node("constructor", "flow_end")], edges: [] }),
    );
    expect(findings.filter(({ code }) => code === "bad_node_id")).toHaveLength(2);
    expect(({} as { type?: string }).type).toBeUndefined();
  });

  it("of another API has its ports as handles, and a place for each node", () => {
    const { definition } = compileWorkflow(wire(drawing));
    const shown = workflowDataOf({ authoring: "core", definition } as Workflow);
    expect(shown.edges[0]).toEqual({
      id: "edge2",
      source: "if",
      target: "end",
      sourceHandle: "true",
      targetHandle: "input",
    });
    expect(new Set(shown.nodes.map(({ position }) => `${position!.x}/${position!.y}`)).size).toBe(2);
    expect(compileWorkflow(wire(shown)).definition.edges).toEqual(definition.edges);
  });
});

describe("the retry of the settings", () => {
  const hooks = wire(
    {
      nodes: [
        node("a", "action_webhook", { url: "https://a.example.com", method: "GET" }),
        node("b", "action_webhook", {
          url: "https://b.example.com",
          method: "GET",
          retry: { max_attempts: 1, backoff_seconds: 1 },
        }),
        node("say", "action_chat_message", { message: "x" }),
        node("set", "data_variable", { name: "x", value: 1 }),
      ],
      edges: [edge("a", "b"), edge("b", "say"), edge("say", "set")],
    },
    { settings: { retry: { maxAttempts: 4, backoffSeconds: 3 } } },
  );

  it("is that of actions that name none", () => {
    const { program } = compile(compileWorkflow(hooks).definition, nodeTypes);
    const retries = [...program!.nodes.values()].map(({ id, policy }) => [
      id,
      policy.retry.maxAttempts,
      policy.retry.backoffMs,
    ]);
    expect(retries).toEqual([
      ["a", 4, 3_000],
      ["b", 1, 1_000],
      ["say", 4, 3_000],
      ["set", 1, 1_000],
    ]);
  });
});

describe("an estimate", () => {
  const { definition } = compileWorkflow(
    wire({
      nodes: [
        node("fork", "flow_parallel"),
        node("slow", "action_webhook", { url: "https://a.example.com", method: "GET" }),
        node("quick", "data_variable", { name: "x", value: 1 }),
        node("join", "flow_merge"),
      ],
      edges: [edge("fork", "slow", "a"), edge("fork", "quick", "b"), edge("slow", "join"), edge("quick", "join")],
    }),
  );

  it("goes the way that takes longest", () => {
    const times = new Map([["action_webhook", { runs: 50, failed: 5, meanMs: 120, p95Ms: 900, waitMeanMs: 30 }]]);
    const estimate = estimatePerformance(definition, times, Number.POSITIVE_INFINITY);
    expect(estimate).toMatchObject({
      criticalPath: ["fork", "slow", "join"],
      estimatedDurationMs: 152,
      source: "mixed",
      sampleCount: 50,
      estimatedSuccessRate: 90,
      worstCaseMs: null,
      externalCalls: 1,
    });
    expect(estimate.nodes.find(({ nodeId }) => nodeId === "slow")).toMatchObject({
      source: "measured",
      estimatedMs: 150,
      p95Ms: 930,
      failureRate: 10,
    });
  });

  it("counts a circle once, however deep the graph is", () => {
    const ids = Array.from({ length: 5_000 }, (_, n) => `n${n}`);
    const deep = compileWorkflow(
      wire({
        nodes: ids.map((id) => node(id, "action_delay", { duration: 1, unit: "seconds" })),
        edges: [...ids.slice(1).map((id, n) => edge(ids[n]!, id)), edge(ids.at(-1)!, ids[0]!)],
      }),
    ).definition;
    expect(estimatePerformance(deep, new Map(), undefined).estimatedDurationMs).toBe(5_000_000);
  });
});

describe("suggestions", () => {
  const known = { times: new Map(), hasQuietHours: true };
  const codesOf = (data: WorkflowData) =>
    suggestionsOf(compileWorkflow(wire(data)).definition, known).map(({ code, nodeId }) => `${code} ${nodeId ?? ""}`);
  const note = (id: string, text: string) => node(id, "action_add_note", { note: text });

  it("fork what does not read from what is before it, and nothing else", () => {
    const edges = [edge("a", "b"), edge("b", "c")];
    expect(codesOf({ nodes: [note("a", "1"), note("b", "2"), note("c", "3")], edges })).toContain("sequential_chain a");
    const bound = [note("a", "1"), note("b", "{{ nodes.a.output.note_id }}"), note("c", "3")];
    expect(codesOf({ nodes: bound, edges })).not.toContain("sequential_chain a");
  });

  it("say by how much, where it was measured", () => {
    const data = { nodes: [note("a", "1"), note("b", "2"), note("c", "3")], edges: [edge("a", "b"), edge("b", "c")] };
    const times = new Map([["action_add_note", { runs: 9, failed: 0, meanMs: 40, p95Ms: 50, waitMeanMs: 0 }]]);
    const found = suggestionsOf(compileWorkflow(wire(data)).definition, { ...known, times });
    expect(found.find(({ code }) => code === "sequential_chain")).toMatchObject({ savesMs: 80 });
  });

  it("name what fails often, with the numbers", () => {
    const times = new Map([["action_code", { runs: 40, failed: 10, meanMs: 4, p95Ms: 5, waitMeanMs: 0 }]]);
    const data = { nodes: [node("c", "action_code", { language: "python", code: "result = 1" })], edges: [] };
    const found = suggestionsOf(compileWorkflow(wire(data)).definition, { ...known, times });
    expect(found.find(({ code }) => code === "often_fails")!.message).toContain("25% of the last 40");
  });
});
