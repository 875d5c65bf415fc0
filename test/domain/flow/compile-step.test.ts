import { describe, expect, it } from "vitest";
import { checkFlow } from "../../../src/domain/flow/check-flow.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { Conversation, flowOf, type Outside } from "./conversation.ts";

const trigger: JsonObject = { id: "t", type: "trigger_keyword", isStartNode: true, triggerKeywords: ["go"] };
const says = (id: string, data: string): JsonObject => ({
  id,
  type: "message",
  flowReplies: [{ flowReplyType: "Text", data }],
});
const results = (to: Record<string, string>) =>
  Object.entries(to).map(([expectedInput, nodeResultId]) => ({ id: expectedInput, expectedInput, nodeResultId }));
const step = (id: string, type: string, config: JsonObject, to: Record<string, string>): JsonObject => ({
  id,
  type,
  config,
  nodeResult: results(to),
});
const edge = (sourceNodeId: string, targetNodeId: string) => ({
  id: `${sourceNodeId}-${targetNodeId}`,
  sourceNodeId,
  targetNodeId,
});
const flow = (first: string, ...flowNodes: JsonObject[]): JsonObject => ({
  name: "Steps",
  flowNodes: [trigger, ...flowNodes],
  flowEdges: [edge("t", first)],
});
const asks = (more: JsonObject = {}): JsonObject => ({
  ...says("q", "Your code?"),
  type: "question",
  userInputVariable: "@code",
  ...more,
});

describe("a step of a flow", () => {
  it("sets what texts read, and decides by what the catalogue can compare", () => {
    const document = flow(
      "q",
      asks(),
      step(
        "v",
        "data_variable",
        { name: "short", value: "{{ variables.code | upcase | slice: 0, 2 }}" },
        { output: "if" },
      ),
      step(
        "if",
        "condition_if",
        { conditions: { field: "variables.code", operator: "regex", value: "^[a-z]{2}\\d+$" } },
        {
          true: "yes",
          false: "no",
        },
      ),
      says("yes", "Welcome, @short."),
      says("no", "@short is no code."),
    );
    (document.flowEdges as JsonObject[]).push(edge("q", "v"));
    expect(checkFlow(flowOf(document))).toEqual([]);
    for (const [code, answer] of [
      ["ab12", "Welcome, AB."],
      ["xy", "XY is no code."],
    ] as const) {
      const talk = new Conversation(document, "go");
      talk.say(code);
      expect(talk.transcript.at(-1)).toBe(answer);
      expect(talk.counts.if).toBe(1);
    }
  });

  it("goes on by its edge without results, and by error only when that leads somewhere", () => {
    const request = { url: "https://shop.example/orders", method: "GET" };
    const lone = flow("r", { id: "r", type: "action_webhook", config: request }, says("m", "Done."));
    (lone.flowEdges as JsonObject[]).push(edge("r", "m"));
    expect(checkFlow(flowOf(lone))).toEqual([]);
    const [works, fails]: Outside[] = [
      () => ({ outcome: "ok", output: {} }),
      () => ({ outcome: "failed", error: { code: "HTTP_ERROR", message: "gone", retryable: false } }),
    ];
    expect(new Conversation(lone, "go", {}, works).transcript).toEqual(["> go", "Done."]);
    expect(new Conversation(lone, "go", {}, fails).status).toBe("failed");
    const careful = flow("r", step("r", "action_webhook", request, { error: "m" }), says("m", "Sorry."));
    expect(new Conversation(careful, "go", {}, fails).transcript).toEqual(["> go", "Sorry."]);
    expect(new Conversation(careful, "go", {}, works).transcript).toEqual(["> go"]);
  });

  it("is checked as the catalogue checks it, at its place in the flow", () => {
    const bad = flow("v", step("v", "data_variable", { name: "no name", value: 1 }, {}));
    expect(checkFlow(flowOf(bad)).map(({ nodeId, path }) => [nodeId, path])).toEqual([
      ["v", "flowNodes.1.config.name"],
    ]);
    const lost = flow("v", step("v", "data_variable", { name: "x", value: 1 }, { output: "gone" }));
    expect(checkFlow(flowOf(lost)).map(({ code, path }) => [code, path])).toEqual([
      ["missing_node", "flowNodes.1.nodeResult.0.nodeResultId"],
    ]);
  });
});

describe("a question with a time of its own", () => {
  const document = flow(
    "q",
    asks({ delayDuration: 5, delayUnit: "minutes", delayResult: results({ complete: "late" }) }),
    says("late", "Until later."),
    says("on", "@code it is."),
  );
  (document.flowEdges as JsonObject[]).push(edge("q", "on"));

  it("goes on by it when no answer comes", () => {
    expect(checkFlow(flowOf(document))).toEqual([]);
    const [silent, quick] = [new Conversation(document, "go"), new Conversation(document, "go")];
    silent.pass(300_000);
    expect(silent.transcript.at(-1)).toBe("Until later.");
    quick.say("x");
    expect(quick.transcript.at(-1)).toBe("x it is.");
  });

  it("may not go on with free text after a day", () => {
    const nodes = (document.flowNodes as JsonObject[]).map((node) =>
      node.id === "q" ? { ...node, delayDuration: 2, delayUnit: "days" } : node,
    );
    expect(checkFlow(flowOf({ ...document, flowNodes: nodes })).map(({ code, nodeId }) => [code, nodeId])).toEqual([
      ["outside_window", "late"],
    ]);
  });
});
