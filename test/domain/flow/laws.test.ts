// Laws of every flow that may be published, tried on generated ones with people who say anything. A failure prints its seed.
import fc from "fast-check";
import { expect, it } from "vitest";
import { checkFlow } from "../../../src/domain/flow/check-flow.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { Conversation, flowOf } from "./conversation.ts";

const ids = ["a", "b", "c", "d", "e"];
const id = fc.constantFrom(...ids);
const text = (data: string) => ({ flowReplyType: "Text", data });
const words = fc.constantFrom("Hi @name", "You said @x, {{ x }}", "{% if %}", "me@x.example");
const replies = fc.array(
  fc.oneof(
    words.map(text),
    fc.constant({ flowReplyType: "Document", data: "https://example.com/a.pdf", caption: "@x" }),
  ),
  { minLength: 1, maxLength: 3 },
);
const rule = fc.record({
  type: fc.constantFrom("None", "Number", "Text", "Email", "Phone"),
  minValue: fc.constantFrom("", "1"),
  maxValue: fc.constantFrom("", "9"),
  regex: fc.constantFrom("", "^[a-z0-9]+$"),
  fallback: fc.constantFrom("", "Again, @name"),
  failsCount: fc.constantFrom("", "1", "2", "3"),
});
const titles = ["Yes", "No", "Perhaps"];
const answers = fc
  .array(fc.record({ nodeResultId: fc.option(id, { nil: "" }), isDefault: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((list) => list.map((one, index) => ({ ...one, id: `row-${index}`, expectedInput: titles[index]! })));
const results = (...of: string[]) =>
  fc.array(id, { minLength: of.length, maxLength: of.length }).map((targets) =>
    targets.map((nodeResultId, index) => ({
      id: `r${index}`,
      expectedInput: of[index]!,
      isDefault: index === 0,
      nodeResultId,
    })),
  );

const body = fc.oneof(
  fc.record({ type: fc.constant("message"), flowReplies: replies }),
  fc.record({
    type: fc.constant("question"),
    flowReplies: replies,
    userInputVariable: fc.constantFrom("@x", "@name", ""),
    answerValidation: rule,
    isMediaAccepted: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("button_question"),
    interactiveButtonsBody: words,
    interactiveButtonsUserInputVariable: fc.constantFrom("@x", ""),
    interactiveButtonsDefaultNodeResultId: fc.option(id, { nil: "" }),
    expectedAnswers: answers,
  }),
  fc.record({
    type: fc.constant("list_question"),
    flowReplies: words.map((data) => [text(data)]),
    userInputVariable: fc.constant("@x"),
    answerValidation: rule,
    expectedAnswers: answers,
  }),
  fc.record({
    type: fc.constant("condition"),
    flowNodeConditions: fc.constant([{ id: "c", flowConditionType: "Equal", variable: "@x", value: "Yes" }]),
    conditionResult: results("true", "false"),
    conditionOperator: fc.constantFrom("None", "And", "Or"),
  }),
  fc.record({
    type: fc.constant("delay"),
    delayDuration: fc.constantFrom(5, 90),
    delayUnit: fc.constantFrom("seconds", "minutes"),
    waitForReply: fc.boolean(),
    delayInterrupt: fc.boolean(),
    delayResult: results("complete", "interrupted"),
  }),
);

/** Each node has a way on; which flows may be published, checkFlow says. */
const flows: fc.Arbitrary<JsonObject> = fc
  .tuple(fc.array(body, { minLength: 5, maxLength: 5 }), fc.array(id, { minLength: 5, maxLength: 5 }), fc.boolean())
  .map(
    ([bodies, targets, ends]) =>
      JSON.parse(
        JSON.stringify({
          name: "f",
          flowNodes: [
            { id: "t", type: "trigger_keyword", isStartNode: true, triggerKeywords: ["go"] },
            ...bodies.map((one, index) => ({ id: ids[index], ...one })),
            { id: "end", type: "message", flowReplies: [text("Bye")] },
          ],
          flowEdges: [
            { id: "e", sourceNodeId: "t", targetNodeId: "a" },
            ...targets.map((target, index) => ({
              id: `e${index}`,
              sourceNodeId: ids[index],
              targetNodeId: ends && index > 2 ? "end" : target,
            })),
          ],
        }),
      ) as JsonObject,
  );

const MINUTE = 60_000;
type Turn = { say: string; data: JsonObject } | { pass: number };
const turn: fc.Arbitrary<Turn> = fc.oneof(
  fc.record({
    say: fc.constantFrom(
      "Yes",
      "no",
      "3",
      "2",
      "ada@example.com",
      "+14155552671",
      "",
      "{{ 7 | times: 7 }}",
      "@name",
      "row-0",
    ),
    data: fc.constantFrom<JsonObject>({}, { media: [{ url: "https://example.com/x" }] }, { choice: { id: "row-1" } }),
  }),
  fc.record({ pass: fc.constantFrom(5_000, 90 * MINUTE, 24 * 60 * MINUTE) }),
);

it("a conversation goes on or ends, never breaks; each message has a key of its own, and the journal folds to the state", () => {
  let [published, ended, waiting] = [0, 0, 0];
  fc.assert(
    fc.property(flows, fc.array(turn, { maxLength: 15 }), (sent, turns) => {
      if (checkFlow(flowOf(sent)).some(({ severity }) => severity === "error")) return;
      published++;
      const talk = new Conversation(sent, "go", { name: "Ada" });
      for (const one of turns) {
        if ("pass" in one) talk.pass(one.pass);
        else talk.say(one.say, one.data);
        // Whatever happens, at most one question is open, so that a reply has one owner.
        const open = [...talk.run.state.tokens.values()].filter(({ wait }) => wait !== undefined);
        expect(open.length).toBeLessThanOrEqual(1);
      }
      expect(["waiting", "completed"]).toContain(talk.status);
      expect(new Set(talk.run.performed.map(({ key }) => key)).size).toBe(talk.run.performed.length);
      expect(talk.folds).toBe(true);
      if (talk.status === "completed") ended++;
      else waiting++;
    }),
    { numRuns: 300 },
  );
  // The generator must not have missed what the law is about.
  expect(Math.min(published / 10, ended, waiting)).toBeGreaterThan(5);
}, 60_000);

it("people's words are never read as templates, nor as somebody else's variables", () => {
  const nodes: JsonObject[] = [
    { id: "t", type: "trigger_keyword", isStartNode: true, triggerKeywords: ["go"] },
    { id: "q", type: "question", flowReplies: [text("?")], userInputVariable: "@x" },
    { id: "m", type: "message", flowReplies: [text("[@x]")] },
  ];
  const flowEdges = [
    { id: "1", sourceNodeId: "t", targetNodeId: "q" },
    { id: "2", sourceNodeId: "q", targetNodeId: "m" },
  ];
  const said = fc.string({ unit: fc.constantFrom(..."{}%@x _|\"'a."), minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(said, (answer) => {
      fc.pre(answer.trim() !== "");
      const talk = new Conversation({ name: "f", flowNodes: nodes, flowEdges }, "go");
      talk.say(answer);
      expect(talk.transcript.at(-1)).toBe(`[${answer.trim()}]`);
      expect(talk.attributes).toEqual({ x: answer.trim() });
    }),
  );
});
