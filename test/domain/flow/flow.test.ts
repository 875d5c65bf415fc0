import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFlow } from "../../../src/domain/flow/flow.ts";
import { MAX_FLOW_NODES } from "../../../src/domain/flow/limits.ts";
import type { Json, JsonObject } from "../../../src/lib/json.ts";
import { booking, flowNodes } from "./booking.ts";

const problems = (sent: unknown) => {
  const read = readFlow(sent);
  return read.ok ? [] : read.error.map(({ field, message }) => `${field}: ${message}`);
};
const withNode = (node: JsonObject, more: JsonObject = {}): JsonObject => ({
  name: "f",
  flowNodes: [node],
  flowEdges: [],
  ...more,
});

describe("a flow document", () => {
  it("is kept exactly as it was sent, unknown fields of its parts included", () => {
    const sent = {
      ...booking,
      brand_id: 7,
      flowNodes: [...flowNodes, { id: "x", type: "of the future", colour: { is: ["red"] }, delayDuration: "5" }],
      flowEdges: [{ id: "e", sourceNodeId: "nowhere", targetNodeId: "x", animated: true }],
    };
    const read = readFlow(sent);
    expect(read).toEqual({ ok: true, value: sent });
    expect(JSON.stringify(read.ok && read.value.flowNodes)).toBe(JSON.stringify(sent.flowNodes));
  });

  it("may be unfinished", () => {
    for (const type of ["trigger_keyword", "message", "question", "button_question", "condition", "delay"])
      expect(problems(withNode({ id: "a", type }))).toEqual([]);
    expect(problems({ name: "f", flowNodes: [], flowEdges: [] })).toEqual([]);
    const nulls = {
      interactiveButtonsHeader: { type: "Text", text: null, media: null },
      flowReplies: null,
      expectedAnswers: null,
    };
    expect(problems(withNode({ id: "a", type: "button_question", ...nulls }))).toEqual([]);
  });

  it("may be what the detail has shown: what is ours is not taken over", () => {
    const shown = {
      ...booking,
      id: "507f1f77bcf86cd799439011",
      status: "published",
      user_id: 9,
      created: "x",
      transform: null,
    };
    const read = readFlow({ ...shown, flowNodes: [{ id: "a", type: "message", transactionCount: 45 }] });
    expect(read).toEqual({
      ok: true,
      value: { ...booking, transform: null, flowNodes: [{ id: "a", type: "message" }] },
    });
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, ": must be an object"],
    ["a list", [], ": must be an object"],
    ["no name", { flowNodes: [], flowEdges: [] }, "name: is required"],
    ["an empty name", { name: " ", flowNodes: [], flowEdges: [] }, "name: must not be empty"],
    ["no nodes", { name: "f", flowEdges: [] }, "flowNodes: is required"],
    ["nodes of another kind", { name: "f", flowNodes: {}, flowEdges: [] }, "flowNodes: must be a list"],
    ["an unknown part", { name: "f", flowNodes: [], flowEdges: [], owner: 1 }, "owner: is not known here"],
    ["a node without id", withNode({ type: "message" }), "flowNodes.0.id: is required"],
    ["a node that is a text", { name: "f", flowNodes: ["x"], flowEdges: [] }, "flowNodes.0: must be an object"],
    ["a reserved id", withNode({ id: "constructor", type: "message" }), "flowNodes.0.id: is a reserved word"],
    [
      "a reply of another type",
      withNode({ id: "a", type: "message", flowReplies: [{ flowReplyType: "Text", data: 5 }] }),
      "flowNodes.0.flowReplies.0.data: must be a text",
    ],
    [
      "what opens a list, and is no text",
      withNode({ id: "a", type: "list_question", listButton: { toString: 1, valueOf: 1 } }),
      "flowNodes.0.listButton: must be a text",
    ],
    [
      "a flag of another type",
      withNode({ id: "a", type: "delay", waitForReply: "yes" }),
      "flowNodes.0.waitForReply: must be true or false",
    ],
    [
      "an edge without its end",
      { name: "f", flowNodes: [], flowEdges: [{ id: "e", sourceNodeId: "a" }] },
      "flowEdges.0.targetNodeId: is required",
    ],
    [
      "a brand of another type",
      withNode({ id: "a", type: "x" }, { brand_id: "1" }),
      "brand_id: must be a whole number",
    ],
    [
      "too many nodes",
      {
        name: "f",
        flowNodes: Array.from({ length: MAX_FLOW_NODES + 1 }, (_, n) => ({ id: `${n}`, type: "x" })),
        flowEdges: [],
      },
      `flowNodes: must have at most ${MAX_FLOW_NODES} elements`,
    ],
  ])("is refused with %s, by its path", (_, sent, problem) => {
    expect(problems(sent)).toContain(problem);
  });

  it("lets no key near a prototype, however deep", () => {
    const sent = JSON.parse(
      '{"name":"f","flowNodes":[{"id":"a","type":"x","extra":[{"__proto__":{"x":1}}]}],"flowEdges":[]}',
    );
    expect(problems(sent)).toEqual(["flowNodes.0.extra.0.__proto__: is a reserved word"]);
  });

  it("is bounded in depth and size", () => {
    let deep: Json = "x";
    for (let level = 0; level < 5_000; level++) deep = [deep];
    expect(problems(withNode({ id: "a", type: "x", extra: deep }))).toEqual([": must nest at most 20 levels deep"]);
    const wide = Array.from({ length: 100 }, () => "x".repeat(10_000));
    expect(problems(withNode({ id: "a", type: "x", extra: wide }))[0]).toMatch(/^flowNodes: .*at most 400000 bytes/);
  });

  it("is judged, whatever it is", () => {
    const names = [
      "name",
      "flowNodes",
      "flowEdges",
      "transform",
      "id",
      "type",
      "flowReplies",
      "answerValidation",
      "expectedAnswers",
    ];
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie("tree"), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (sent) => {
        const read = readFlow(sent);
        if (!read.ok) expect(read.error.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});
