import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkFlow, type FlowFinding } from "../../../src/domain/flow/check-flow.ts";
import { compileFlow } from "../../../src/domain/flow/compile-flow.ts";
import type { Flow } from "../../../src/domain/flow/flow.ts";
import { compile } from "../../../src/engine/compile.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { nodeTypes } from "../../../src/nodes/index.ts";
import { booking } from "./booking.ts";
import { flowOf } from "./conversation.ts";

const trigger: JsonObject = { id: "t", type: "trigger_keyword", isStartNode: true, triggerKeywords: ["go"] };
const text = (data: string) => [{ flowReplyType: "Text", data }];
const message = (id: string, data = "Hello"): JsonObject => ({ id, type: "message", flowReplies: text(data) });
const question = (id: string, more: JsonObject = {}): JsonObject => ({
  id,
  type: "question",
  flowReplies: text("?"),
  ...more,
});
const answers = (count: number, more: JsonObject = {}) =>
  Array.from({ length: count }, (_, n) => ({ id: `${n}`, expectedInput: `Answer ${n}`, ...more }));
const buttons = (more: JsonObject = {}): JsonObject => ({
  id: "q",
  type: "button_question",
  interactiveButtonsBody: "?",
  expectedAnswers: answers(2),
  ...more,
});
const list = (more: JsonObject = {}): JsonObject => ({
  ...question("q"),
  type: "list_question",
  expectedAnswers: answers(2),
  ...more,
});
const delay = (id: string, hours: number, more: JsonObject = {}): JsonObject => ({
  id,
  type: "delay",
  delayDuration: hours,
  delayUnit: "hours",
  ...more,
});
const condition = (more: JsonObject = {}): JsonObject => ({
  id: "if",
  type: "condition",
  flowNodeConditions: [{ id: "c", flowConditionType: "Equal", variable: "@x", value: "1" }],
  conditionResult: [{ id: "r", expectedInput: "true", nodeResultId: "m" }],
  ...more,
});

const flow = (nodes: JsonObject[], edges: string[]): JsonObject => ({
  name: "f",
  flowNodes: nodes,
  flowEdges: edges.map((line, index) => {
    const [sourceNodeId, targetNodeId] = line.split(">");
    return { id: `e${index}`, sourceNodeId: sourceNodeId!, targetNodeId: targetNodeId! };
  }),
});
/** t > q > m, with `node` as q. */
const around = (node: JsonObject): JsonObject => flow([trigger, node, message("m")], [`t>${node.id}`, `${node.id}>m`]);
const told = (findings: FlowFinding[]) =>
  findings.map(
    ({ severity, code, nodeId, edgeId, path }) =>
      `${severity === "error" ? "" : "warning "}${code} ${nodeId ?? edgeId ?? "-"} ${path}`,
  );
const findings = (sent: JsonObject) => told(checkFlow(flowOf(sent)));

it("finds nothing in a good flow", () => {
  expect(findings(booking)).toEqual([]);
  for (const node of [question("q"), buttons(), list(), delay("d", 1), condition()])
    expect(findings(around(node))).toEqual([]);
});

it("knows the document's own detail example for unfinished: its buttons point at a missing node", () => {
  const found = findings(
    flow(
      [trigger, buttons({ expectedAnswers: [{ id: "1", expectedInput: "A", nodeResultId: "message-node-789" }] })],
      ["t>q"],
    ),
  );
  expect(found).toEqual(["missing_node q flowNodes.1.expectedAnswers.0.nodeResultId"]);
});

describe("the graph", () => {
  it.each<[string, JsonObject, string[]]>([
    ["no nodes", flow([], []), ["no_start - flowNodes"]],
    ["no start", flow([message("m")], []), ["no_start - flowNodes"]],
    [
      "several starts",
      flow([trigger, { ...trigger, id: "u" }, message("m")], ["t>m", "u>m"]),
      ["several_starts u flowNodes.1.isStartNode"],
    ],
    [
      "a start that nothing triggers",
      flow([{ ...message("m"), isStartNode: true }], []),
      ["start_is_no_trigger m flowNodes.0.isStartNode"],
    ],
    [
      "an unknown type",
      flow([trigger, { id: "x", type: "teleport" }], ["t>x"]),
      ["unknown_node_type x flowNodes.1.type"],
    ],
    [
      "edges from and to nowhere",
      flow([trigger, message("m")], ["t>m", "m>gone", "lost>m"]),
      ["missing_node m flowEdges.1.targetNodeId", "missing_node e2 flowEdges.2.sourceNodeId"],
    ],
    ["ids used twice", flow([trigger, message("m"), message("m")], ["t>m"]), ["duplicate_id m flowNodes.2.id"]],
    [
      "a way into a trigger",
      flow([trigger, message("m")], ["t>m", "m>t"]),
      ["into_trigger m flowEdges.1.targetNodeId"],
    ],
    [
      "two ways where one is meant",
      flow([trigger, message("m"), message("n")], ["t>m", "t>n"]),
      ["ambiguous_way t flowNodes.0", "warning unreachable n flowNodes.2"],
    ],
    ["a trigger that leads nowhere", flow([trigger], []), ["dead_end t flowNodes.0"]],
    [
      "what nothing leads to",
      flow([trigger, message("m"), message("n")], ["t>m"]),
      ["warning unreachable n flowNodes.2"],
    ],
    ["a question without a way on", flow([trigger, question("q")], ["t>q"]), ["dead_end q flowNodes.1"]],
    ["buttons without a way on", flow([trigger, buttons()], ["t>q"]), ["dead_end q flowNodes.1"]],
    [
      "an answer without a way on",
      flow(
        [
          trigger,
          buttons({ expectedAnswers: [{ ...answers(2)[0], nodeResultId: "m" }, answers(2)[1]!] }),
          message("m"),
        ],
        ["t>q"],
      ),
      ["warning dead_end q flowNodes.1.expectedAnswers.1"],
    ],
    [
      "a loop that never waits",
      flow([trigger, message("a"), message("b")], ["t>a", "a>b", "b>a"]),
      ["loop_without_wait a flowNodes.1"],
    ],
    [
      "a loop that never waits, by a condition",
      flow(
        [
          trigger,
          condition({ conditionResult: [{ id: "r", expectedInput: "true", nodeResultId: "m" }] }),
          message("m"),
        ],
        ["t>if", "m>if"],
      ),
      ["loop_without_wait if flowNodes.1"],
    ],
    ["a loop by a question", flow([trigger, question("q"), message("m")], ["t>q", "q>m", "m>q"]), []],
  ])("%s", (_, sent, expected) => expect(findings(sent)).toEqual(expected));
});

describe("what may come when WhatsApp's window is closed", () => {
  const after = (...nodes: JsonObject[]) => {
    const ids = ["t", ...nodes.map(({ id }) => id as string)];
    return findings(
      flow(
        [trigger, ...nodes],
        ids.slice(1).map((id, index) => `${ids[index]}>${id}`),
      ),
    );
  };
  it.each<[string, JsonObject[], string[]]>([
    ["within", [delay("d", 23), message("m")], []],
    ["after a day", [delay("d", 24), message("m")], ["outside_window m flowNodes.2"]],
    [
      "after two delays",
      [delay("d", 12), message("m"), delay("e", 13), message("n")],
      ["outside_window n flowNodes.4"],
    ],
    ["a question opens it again", [delay("d", 12), question("q"), delay("e", 13), message("m")], []],
    ["a question too late", [delay("d", 30), question("q"), message("m")], ["outside_window q flowNodes.2"]],
    ["buttons too late", [delay("d", 30), buttons(), message("m")], ["outside_window q flowNodes.2"]],
    [
      "a reply may come, or not",
      [delay("d", 30, { waitForReply: true }), message("m")],
      ["outside_window m flowNodes.2"],
    ],
  ])("%s", (_, nodes, expected) => expect(after(...nodes)).toEqual(expected));

  it("an interruption opens it again, the time does not", () => {
    const results = [
      { id: "c", expectedInput: "complete", nodeResultId: "late" },
      { id: "i", expectedInput: "interrupted", nodeResultId: "soon" },
    ];
    const nodes = [
      trigger,
      delay("d", 48, { delayInterrupt: true, delayResult: results }),
      message("late"),
      message("soon"),
    ];
    expect(findings(flow(nodes, ["t>d"]))).toEqual(["outside_window late flowNodes.2"]);
  });

  it("a loop of delays goes on for ever", () => {
    const nodes = [trigger, delay("d", 1), message("m")];
    expect(findings(flow(nodes, ["t>d", "d>m", "m>d"]))).toEqual(["outside_window m flowNodes.2"]);
  });
});

describe("a node by itself", () => {
  const long = (length: number) => "x".repeat(length);
  it.each<[JsonObject, string]>([
    [{ ...message("q"), flowReplies: [] }, "empty q flowNodes.1.flowReplies"],
    [message("q", " "), "empty q flowNodes.1.flowReplies.0.data"],
    [message("q", long(4_097)), "too_long q flowNodes.1.flowReplies.0.data"],
    [message("q", long(1_601)), "warning long_text q flowNodes.1.flowReplies.0.data"],
    [
      { ...message("q"), flowReplies: [{ flowReplyType: "Image", data: "x.jpg" }] },
      "bad_url q flowNodes.1.flowReplies.0.data",
    ],
    [
      { ...message("q"), flowReplies: [{ flowReplyType: "Fax", data: "x" }] },
      "unknown_reply_type q flowNodes.1.flowReplies.0.flowReplyType",
    ],
    [question("q", { userInputVariable: "@first name" }), "bad_variable q flowNodes.1.userInputVariable"],
    [
      question("q", { answerValidation: { type: "Text", regex: "(" } }),
      "bad_pattern q flowNodes.1.answerValidation.regex",
    ],
    [
      question("q", { answerValidation: { type: "Colour" } }),
      "unknown_answer_type q flowNodes.1.answerValidation.type",
    ],
    [
      question("q", { answerValidation: { type: "Number", minValue: "one" } }),
      "bad_number q flowNodes.1.answerValidation.minValue",
    ],
    [
      question("q", { answerValidation: { type: "Number", minValue: "5", maxValue: "4" } }),
      "bad_number q flowNodes.1.answerValidation.maxValue",
    ],
    [
      question("q", { answerValidation: { failsCount: "2.5" } }),
      "bad_number q flowNodes.1.answerValidation.failsCount",
    ],
    [buttons({ interactiveButtonsBody: "" }), "empty q flowNodes.1.interactiveButtonsBody"],
    [buttons({ interactiveButtonsBody: long(1_025) }), "too_long q flowNodes.1.interactiveButtonsBody"],
    [buttons({ expectedAnswers: answers(4) }), "too_many_buttons q flowNodes.1.expectedAnswers"],
    [
      buttons({ expectedAnswers: answers(1, { expectedInput: long(21) }) }),
      "too_long q flowNodes.1.expectedAnswers.0.expectedInput",
    ],
    [buttons({ expectedAnswers: answers(1, { id: long(257) }) }), "too_long q flowNodes.1.expectedAnswers.0.id"],
    [
      buttons({ expectedAnswers: answers(2, { expectedInput: "Same" }) }),
      "duplicate_title q flowNodes.1.expectedAnswers.1.expectedInput",
    ],
    [
      buttons({ expectedAnswers: answers(2).map((one) => ({ ...one, id: "same" })) }),
      "duplicate_id q flowNodes.1.expectedAnswers.1.id",
    ],
    [
      buttons({ interactiveButtonsHeader: { type: "Text", text: long(61) } }),
      "too_long q flowNodes.1.interactiveButtonsHeader.text",
    ],
    [buttons({ interactiveButtonsFooter: long(61) }), "too_long q flowNodes.1.interactiveButtonsFooter"],
    [list({ expectedAnswers: answers(11) }), "too_many_rows q flowNodes.1.expectedAnswers"],
    [
      list({ expectedAnswers: answers(1, { expectedInput: long(25) }) }),
      "too_long q flowNodes.1.expectedAnswers.0.expectedInput",
    ],
    [
      list({ expectedAnswers: answers(1, { description: long(73) }) }),
      "too_long q flowNodes.1.expectedAnswers.0.description",
    ],
    [list({ expectedAnswers: answers(1, { id: long(201) }) }), "too_long q flowNodes.1.expectedAnswers.0.id"],
    [
      list({ expectedAnswers: [...answers(1, { section: "S" }), { id: "z", expectedInput: "Z" }] }),
      "missing_section q flowNodes.1.expectedAnswers",
    ],
    [list({ flowReplies: text(long(1_025)) }), "too_long q flowNodes.1.flowReplies.0.data"],
    [condition({ flowNodeConditions: [] }), "empty if flowNodes.1.flowNodeConditions"],
    [
      condition({ flowNodeConditions: [{ flowConditionType: "Like", variable: "@x" }] }),
      "unknown_operator if flowNodes.1.flowNodeConditions.0.flowConditionType",
    ],
    [
      condition({ flowNodeConditions: [{ flowConditionType: "Equal", variable: "x y" }] }),
      "bad_variable if flowNodes.1.flowNodeConditions.0.variable",
    ],
    [
      condition({ flowNodeConditions: [{ flowConditionType: "GreaterThan", variable: "@x", value: "many" }] }),
      "bad_value if flowNodes.1.flowNodeConditions.0.value",
    ],
    [condition({ conditionOperator: "Xor" }), "unknown_operator if flowNodes.1.conditionOperator"],
    [delay("q", 0), "bad_number q flowNodes.1.delayDuration"],
    [delay("q", 1, { delayUnit: "moons" }), "bad_unit q flowNodes.1.delayUnit"],
  ])("%j", (node, expected) => expect(findings(around(node))).toContain(expected));

  it("a keyword trigger needs a word that may start something", () => {
    const start = (triggerKeywords: string[]) =>
      findings(flow([{ ...trigger, triggerKeywords }, message("m")], ["t>m"]));
    expect(start([])).toEqual(["empty t flowNodes.0.triggerKeywords"]);
    expect(start([" "])).toEqual(["empty t flowNodes.0.triggerKeywords"]);
    expect(start(["hi", "Stop"])).toEqual(["consent_word t flowNodes.0.triggerKeywords.1"]);
    expect(start(["yes"])).toEqual(["warning consent_word t flowNodes.0.triggerKeywords.0"]);
  });

  it("more than three buttons come with the list that they could be, which may be published", () => {
    const more = { interactiveButtonsUserInputVariable: "@x", interactiveButtonsFooter: "F" };
    const [finding] = checkFlow(flowOf(around(buttons({ expectedAnswers: answers(4), ...more }))));
    expect(finding).toMatchObject({
      code: "too_many_buttons",
      message: "It has 4 buttons; WhatsApp shows at most 3. Make it a list_question, which has up to 10 rows.",
      offer: { id: "q", type: "list_question", userInputVariable: "@x", interactiveButtonsFooter: "F" },
    });
    expect(findings(around(finding!.offer as unknown as JsonObject))).toEqual([]);
    const [eleven] = checkFlow(flowOf(around(buttons({ expectedAnswers: answers(11) }))));
    expect(eleven).not.toHaveProperty("offer");
  });
});

it("tells what only the engine sees, at the flow's node", () => {
  const mentions = Array.from({ length: 1_300 }, () => "@a").join(" ");
  expect(findings(around(message("q", mentions)))).toContain("bad_template q flowNodes.1");
});

describe("for every flow", () => {
  const ids = ["t", "a", "b", "c", "d", "gone"];
  const id = fc.constantFrom(...ids);
  const way = fc.record({
    id,
    expectedInput: fc.constantFrom("true", "false", "complete", "One", ""),
    isDefault: fc.boolean(),
    nodeResultId: fc.option(id),
  });
  const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
  const node = fc.record(
    {
      id,
      type: fc.constantFrom(
        "trigger_keyword",
        "trigger_template",
        "message",
        "question",
        "button_question",
        "list_question",
        "condition",
        "delay",
        "other",
      ),
      isStartNode: maybe(fc.boolean()),
      triggerKeywords: maybe(fc.array(fc.constantFrom("hi", "stop", " ", "{{x}}"), { maxLength: 3 })),
      flowReplies: maybe(
        fc.array(
          fc.record({
            flowReplyType: fc.constantFrom("Text", "Image", "x"),
            data: fc.constantFrom("hi @x {{", "", "https://example.com/a"),
          }),
          { maxLength: 3 },
        ),
      ),
      answerValidation: maybe(
        fc.record(
          {
            type: fc.constantFrom("None", "Number", "x"),
            regex: fc.constantFrom("", "(", "a"),
            failsCount: fc.constantFrom("", "0", "2", "x"),
          },
          { requiredKeys: [] },
        ),
      ),
      expectedAnswers: maybe(fc.array(way, { maxLength: 5 })),
      conditionResult: maybe(fc.array(way, { maxLength: 3 })),
      delayResult: maybe(fc.array(way, { maxLength: 3 })),
      flowNodeConditions: maybe(
        fc.array(
          fc.record({
            flowConditionType: fc.constantFrom("Equal", "x"),
            variable: fc.constantFrom("@x", "?"),
            value: fc.constantFrom("1", "{{"),
          }),
          { maxLength: 3 },
        ),
      ),
      delayDuration: maybe(fc.constantFrom(0, 5, "5", -1)),
      delayUnit: maybe(fc.constantFrom("hours", "days", "x")),
      waitForReply: maybe(fc.boolean()),
      delayInterrupt: maybe(fc.boolean()),
      interactiveButtonsBody: maybe(fc.constantFrom("", "?", "{% x")),
      interactiveButtonsDefaultNodeResultId: maybe(id),
      userInputVariable: maybe(fc.constantFrom("@x", "?")),
    },
    { requiredKeys: ["id", "type"] },
  );
  const edge = fc.record({
    id: fc.constantFrom("e1", "e2", "e3", "e4", "e5", "e6"),
    sourceNodeId: id,
    targetNodeId: id,
  });
  const flows = fc.record({
    name: fc.constant("f"),
    flowNodes: fc.array(node, { maxLength: 6 }),
    flowEdges: fc.array(edge, { maxLength: 8 }),
  }) as unknown as fc.Arbitrary<Flow>;

  it("checking and compiling are total, and lead from and to nodes that were made (laws.test.ts has those that may be published)", () => {
    fc.assert(
      fc.property(flows, (made) => {
        const sent = JSON.parse(JSON.stringify(made)) as JsonObject;
        const read = flowOf(sent);
        const { definition, madeFor } = compileFlow(read);
        expect(Object.keys(definition.nodes).sort()).toEqual([...madeFor.keys()].sort());
        for (const { from, to } of definition.edges) expect([from, to].every((end) => madeFor.has(end))).toBe(true);
        for (const { path } of checkFlow(read)) expect(path).toMatch(/^flow(Nodes|Edges)(\.|$)/);
        expect(Array.isArray(compile(definition, nodeTypes).findings)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  }, 60_000);
});
