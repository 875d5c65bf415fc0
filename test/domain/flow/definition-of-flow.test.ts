// What a flow runs as: its own nodes are counted, and what only the product can judge is a finding at the flow's node as well.
import { describe, expect, it } from "vitest";
import { DomainError } from "../../../src/domain/errors.ts";
import { definitionOfFlow, runnableFlow } from "../../../src/domain/flow/definition-of-flow.ts";
import type { Flow, FlowNode } from "../../../src/domain/flow/flow.ts";
import { booking } from "./booking.ts";

const open = { refusalOf: () => undefined };
const start: FlowNode = { id: "start", type: "trigger_keyword", isStartNode: true, triggerKeywords: ["go"] };
const flowOf = (...nodes: FlowNode[]): Flow => ({
  name: "f",
  flowNodes: [start, ...nodes],
  flowEdges: nodes.map(({ id }, n) => ({
    id: `e${n}`,
    sourceNodeId: n === 0 ? "start" : nodes[n - 1]!.id,
    targetNodeId: id,
  })),
});
const refusalOf = (flow: Flow, egress: { refusalOf: (url: string) => string | undefined } = open): DomainError => {
  try {
    runnableFlow(flow, egress as never);
  } catch (error) {
    if (error instanceof DomainError) return error;
  }
  throw new Error("it was not refused");
};

describe("a flow's definition", () => {
  it("counts the flow's own nodes, each once, and nothing that was made beside them", () => {
    const { nodes, settings } = definitionOfFlow(booking as unknown as Flow);
    const own = (booking.flowNodes as { id: string }[]).map(({ id }) => id);
    expect(settings?.counted).toEqual(own);
    expect(Object.keys(nodes).length).toBeGreaterThan(own.length);
  });

  it("of a draft leaves out what is no node, and what is there twice", () => {
    const twice: FlowNode = { id: "m", type: "message" };
    const draft = { ...flowOf(twice, twice, { id: "odd", type: "teleport" }), flowEdges: [] };
    expect(definitionOfFlow(draft).settings?.counted).toEqual(["start", "m"]);
  });

  it("is what runs, with the warnings that keep nobody from it", () => {
    const lonely: FlowNode = { id: "lonely", type: "message", flowReplies: [{ flowReplyType: "Text", data: "?" }] };
    const flow = flowOf({ id: "m", type: "message", flowReplies: [{ flowReplyType: "Text", data: "Hello" }] });
    const { program, warnings } = runnableFlow({ ...flow, flowNodes: [...flow.flowNodes, lonely] }, open as never);
    expect([...program.nodes.keys()]).toEqual(["start", "m", "lonely"]);
    expect(warnings.map(({ code, nodeId }) => [code, nodeId])).toEqual([["unreachable", "lonely"]]);
  });

  it("is refused at the node that calls where nobody may", () => {
    const call = { id: "call", type: "action_webhook", config: { method: "GET", url: "http://10.0.0.1/" } } as FlowNode;
    const { code, details } = refusalOf(flowOf(call), {
      refusalOf: (url) => (url.includes("10.0.0.1") ? "It is a private address" : undefined),
    });
    expect(code).toBe("invalid_definition");
    expect(details.findings).toEqual([
      expect.objectContaining({ code: "url_not_allowed", nodeId: "call", path: "flowNodes.1", severity: "error" }),
    ]);
  });

  it("is refused when the ids of its nodes alone would fill a run's report", () => {
    const long = Array.from(
      { length: 900 },
      (_, n): FlowNode => ({
        id: `${"n".repeat(90)}${n}`,
        type: "message",
        flowReplies: [{ flowReplyType: "Text", data: "x" }],
      }),
    );
    expect(refusalOf(flowOf(...long)).problems).toEqual([
      { field: "flowNodes", code: "too_large", message: expect.stringContaining("80000 bytes") },
    ]);
  });
});
