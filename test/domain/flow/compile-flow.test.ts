import { describe, expect, it } from "vitest";
import { checkFlow } from "../../../src/domain/flow/check-flow.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { Run } from "../../engine/kit.ts";
import { booking } from "./booking.ts";
import { Conversation, flowOf } from "./conversation.ts";

const minutes = (n: number) => n * 60_000;
const ada = { name: "Ada", attributes: { owner: "Max" } };

describe("the booking chatbot", () => {
  it("may be published", () => expect(checkFlow(flowOf(booking))).toEqual([]));

  it("talks to the end: two bad answers, buttons by title, a delay, a list by number, a document", () => {
    const talk = new Conversation(booking, "I want to book", ada);
    talk.say("a few");
    talk.say("0");
    talk.say(" 4 ");
    talk.say("inside");
    talk.pass(minutes(5) - 1);
    expect(talk.transcript.at(-1)).toBe("> inside");
    talk.pass(1);
    talk.say("what?");
    talk.say("2");
    expect(talk.transcript).toEqual([
      "> I want to book",
      "Welcome to Chez Max, Ada! Write to me@chez.example.",
      "<https://example.com/room.jpg>\nFor Ada",
      "For how many people?",
      "> a few",
      "A number from 1 to 20, please",
      "> 0",
      "A number from 1 to 20, please",
      ">  4 ",
      "# A table for 4\nInside or outside?\nbuttons: Inside | Outside\n(You can change it later)",
      "> inside",
      "Which menu, Ada?\nlist (Choose): Vegetarian | Fish",
      "> what?",
      "Please choose from the list",
      "> 2",
      "<https://example.com/menu.pdf>\nFish, Inside, 4",
    ]);
    expect([talk.status, talk.folds]).toEqual(["completed", true]);
    expect(talk.attributes).toEqual({ owner: "Max", people: 4, where: "Inside", menu: "Fish" });
    // Each of the flow's nodes was entered once, however many answers it took.
    for (const id of ["start", "hello", "people", "where", "big", "pause", "menu", "done"])
      expect([id, talk.counts[id]]).toEqual([id, 1]);
    expect(talk.counts).not.toHaveProperty("call");
  });

  it("goes on without saving when the third answer is bad too, and takes the other ways", () => {
    const talk = new Conversation(booking, "book", ada);
    for (const answer of ["x", "y", "z"]) talk.say(answer);
    expect(talk.transcript.filter((line) => line === "A number from 1 to 20, please")).toHaveLength(2);
    expect(talk.transcript.at(-1)).toContain("# A table for @people\nInside or outside?");
    talk.say("nothing of that");
    expect(talk.transcript.at(-1)).toContain("Inside or outside?");
    talk.say("Outside");
    talk.say("hurry up");
    expect(talk.transcript.slice(-2)).toEqual([
      "I am still here.",
      "Which menu, Ada?\nlist (Choose): Vegetarian | Fish",
    ]);
    talk.say("", { choice: { kind: "list", id: "row-1", title: "Vegetarian" } });
    expect(talk.transcript.at(-1)).toBe("<https://example.com/menu.pdf>\nVegetarian, Outside, @people");
    expect(talk.attributes).toEqual({ owner: "Max", where: "Outside", menu: "Vegetarian" });
    expect([talk.status, talk.folds]).toEqual(["completed", true]);
  });

  it("branches by the condition", () => {
    const talk = new Conversation(booking, "book", ada);
    talk.say("12");
    talk.say("btn-in");
    expect(talk.transcript.at(-1)).toBe("We will call you about 12 people.");
    expect(talk.status).toBe("completed");
  });

  it("ends when nobody answers for 24 hours", () => {
    const talk = new Conversation(booking, "book", ada);
    talk.pass(24 * minutes(60));
    expect([talk.status, talk.transcript.at(-1)]).toEqual(["completed", "For how many people?"]);
  });

  it("keeps what a person writes as it is", () => {
    const talk = new Conversation(booking, "book", {
      name: "{{ contact.phone }} @owner @name",
      attributes: { owner: "{% if %}" },
    });
    expect(talk.transcript[1]).toBe(
      "Welcome to Chez {% if %}, {{ contact.phone }} @owner @name! Write to me@chez.example.",
    );
  });
});

// ── Single nodes ──

const node = (id: string, type: string, more: JsonObject = {}): JsonObject => ({
  id,
  type,
  isStartNode: false,
  ...more,
});
const say = (data: string) => ({ flowReplies: [{ flowReplyType: "Text", data }] });
const trigger = node("t", "trigger_keyword", { isStartNode: true, triggerKeywords: ["go"] });
const flow = (nodes: JsonObject[], edges: string[]): JsonObject => ({
  name: "f",
  flowNodes: nodes,
  flowEdges: edges.map((line, index) => {
    const [sourceNodeId, targetNodeId] = line.split(">");
    return { id: `e${index}`, sourceNodeId: sourceNodeId!, targetNodeId: targetNodeId! };
  }),
});
const [a, b, c] = ["A", "B", "C"].map((letter) => node(letter.toLowerCase(), "message", say(letter))) as [
  JsonObject,
  JsonObject,
  JsonObject,
];
const answer = (id: string, expectedInput: string, nodeResultId = "", isDefault = false) => ({
  id,
  expectedInput,
  isDefault,
  nodeResultId,
});

describe("buttons", () => {
  const buttons = (answers: JsonObject[], more: JsonObject = {}) =>
    node("q", "button_question", {
      interactiveButtonsBody: "?",
      expectedAnswers: answers,
      interactiveButtonsUserInputVariable: "@x",
      ...more,
    });
  const talk = (q: JsonObject, edges: string[], words: string[]) => {
    const made = new Conversation(flow([trigger, q, a, b, c], ["t>q", ...edges]), "go");
    for (const word of words) made.say(word);
    return made;
  };
  const two = [answer("1", "One", "a"), answer("2", "Two", "b")];

  it("go by nodeResultId, without one by the edge of the node", () => {
    expect(talk(buttons(two), [], ["two"]).transcript.at(-1)).toBe("B");
    expect(talk(buttons([answer("1", "One", "a"), answer("2", "Two")]), ["q>c"], ["two"]).transcript.at(-1)).toBe("C");
    expect(talk(buttons([answer("1", "One", "a"), answer("2", "Two")]), ["q>a"], ["two"]).transcript.at(-1)).toBe("A");
  });

  it("go by the default at once when nothing matches, and save nothing", () => {
    const marked = [answer("1", "One", "a", true), answer("2", "Two", "b")];
    const made = talk(buttons(marked), [], ["neither"]);
    expect([made.transcript.at(-1), made.attributes]).toEqual(["A", {}]);
    const named = talk(buttons(marked, { interactiveButtonsDefaultNodeResultId: "c" }), [], ["neither"]);
    expect(named.transcript.at(-1)).toBe("C");
  });

  it("with words for a bad answer, those come first", () => {
    const q = buttons([answer("1", "One", "a", true)], {
      answerValidation: { fallback: "Tap, please", failsCount: "2" },
    });
    expect(talk(q, [], ["x"]).transcript.at(-1)).toBe("Tap, please");
    expect(talk(q, [], ["x", "y"]).transcript.at(-1)).toBe("A");
  });

  it("are asked again without a default, three times in all, then the node's own edge is the way", () => {
    const made = talk(buttons(two), ["q>a", "q>c"], ["x", "y", "z"]);
    expect(made.transcript.filter((line) => line === "?\nbuttons: One | Two")).toHaveLength(3);
    expect(made.transcript.at(-1)).toBe("C");
    // An edge that is only the drawing of an answer's way is not the question's own.
    expect(talk(buttons(two), ["q>a", "q>b"], ["x", "y", "z"]).transcript.at(-1)).toBe("> z");
  });

  it("have a medium before them, since not every channel shows both in one", () => {
    const q = buttons(two, {
      interactiveButtonsHeader: { type: "Image", text: "", media: "https://example.com/x.png" },
    });
    const made = talk(q, [], []);
    expect(made.transcript.slice(1)).toEqual(["<https://example.com/x.png>", "?\nbuttons: One | Two"]);
    expect(made.counts.q).toBe(1);
  });
});

describe("a condition", () => {
  const condition = (conditions: [string, string, string][], conditionOperator = "And", results?: JsonObject[]) =>
    node("if", "condition", {
      flowNodeConditions: conditions.map(([variable, flowConditionType, value], index) => ({
        id: `${index}`,
        variable,
        flowConditionType,
        value,
      })),
      conditionOperator,
      conditionResult: results ?? [answer("t", "true", "a"), answer("f", "false", "b", true)],
    });
  const outcome = (made: JsonObject, contact: JsonObject = {}, edges: string[] = []) =>
    new Conversation(flow([trigger, made, a, b, c], ["t>if", ...edges]), "go", contact).transcript.at(-1);

  const john = { name: "Johnny", attributes: { name: "John", age: "42", city: "Kyiv" } };
  it.each<[string, string, string, string]>([
    ["@name", "Equal", "John", "A"],
    ["@name", "NotEqual", "John", "B"],
    ["@age", "GreaterThan", "9", "A"],
    ["@age", "LessThan", "9", "B"],
    ["@city", "Contains", "yi", "A"],
    ["@city", "NotContains", "yi", "B"],
    ["@nobody", "Equal", "", "B"],
    ["@nobody", "NotEqual", "x", "A"],
    ["@phone", "Contains", "+1", "A"],
    ["@city", "Equal", "{{ x }}", "B"],
    ["@city", "Matches", "Kyiv", "B"],
  ])("%s %s %j goes by %s", (variable, type, value, way) => {
    expect(outcome(condition([[variable, type, value]], "None"), john)).toBe(way);
  });

  it("joins its comparisons", () => {
    const both: [string, string, string][] = [
      ["@name", "Equal", "John"],
      ["@age", "Equal", "1"],
    ];
    expect(outcome(condition(both, "And"), john)).toBe("B");
    expect(outcome(condition(both, "Or"), john)).toBe("A");
  });

  it("goes by the default, then by the edge, where the result has no way", () => {
    const is = [["@name", "Equal", "John"]] as [string, string, string][];
    expect(outcome(condition(is, "None", [answer("f", "false", "b", true)]), john)).toBe("B");
    expect(outcome(condition(is, "None", []), john, ["if>c"])).toBe("C");
  });

  it("reads what the conversation knows before what the contact had", () => {
    const ask = node("q", "question", { ...say("?"), userInputVariable: "@name" });
    const made = flow([trigger, ask, condition([["@name", "Equal", "Jane"]]), a, b], ["t>q", "q>if"]);
    const talk = new Conversation(made, "go", john);
    talk.say("Jane");
    expect(talk.transcript.at(-1)).toBe("A");
  });
});

describe("a delay", () => {
  const delay = (more: JsonObject) =>
    node("d", "delay", {
      delayDuration: 10,
      delayUnit: "seconds",
      delayResult: [answer("c", "complete", "a", true), answer("i", "interrupted", "b")],
      ...more,
    });
  const start = (more: JsonObject) => new Conversation(flow([trigger, delay(more), a, b], ["t>d"]), "go");

  it.each<[string, JsonObject, string, string]>([
    ["plain", { waitForReply: false, delayInterrupt: false }, "> hm", "A"],
    ["with waitForReply", { waitForReply: true, delayInterrupt: false }, "A", "A"],
    ["with delayInterrupt", { waitForReply: false, delayInterrupt: true }, "B", "A"],
    ["with both", { waitForReply: true, delayInterrupt: true }, "B", "A"],
  ])("%s", (_, more, atReply, atTime) => {
    const replied = start(more);
    replied.say("hm");
    expect(replied.transcript.at(-1)).toBe(atReply);
    const waited = start(more);
    waited.pass(10_000);
    expect(waited.transcript.at(-1)).toBe(atTime);
    expect([replied.folds, waited.folds]).toEqual([true, true]);
  });

  it("is ended by a picture as well, and by what is neither text nor picture", () => {
    const sticker: JsonObject = {};
    for (const data of [{ media: [{ url: "https://example.com/x" }] }, sticker]) {
      const talk = start({ delayInterrupt: true });
      talk.say("", data);
      expect(talk.transcript.at(-1)).toBe("B");
    }
  });
});

describe("a template's trigger", () => {
  const answers = [answer("y", "Yes", "a"), answer("n", "No", "b", true)];
  const template = node("t", "trigger_template", {
    isStartNode: true,
    triggerTemplateId: "HX1",
    expectedAnswers: answers,
  });
  it("goes by the answer, or by the default", () => {
    expect(new Conversation(flow([template, a, b], []), "yes").transcript.at(-1)).toBe("A");
    expect(new Conversation(flow([template, a, b], []), "perhaps").transcript.at(-1)).toBe("B");
    const plain = node("t", "trigger_template", { isStartNode: true, triggerTemplateId: "HX1" });
    expect(new Conversation(flow([plain, c], ["t>c"]), "perhaps").transcript.at(-1)).toBe("C");
  });
});

it("a list without rows is a plain question, with its media before it", () => {
  const image = { flowReplyType: "Image", data: "https://example.com/x.png" };
  const ask = node("q", "list_question", {
    flowReplies: [image, { flowReplyType: "Text", data: "Age?" }],
    answerValidation: { type: "Number" },
    userInputVariable: "@age",
  });
  const talk = new Conversation(flow([trigger, ask, a], ["t>q", "q>a"]), "go");
  talk.say("7");
  expect(talk.transcript).toEqual(["> go", "<https://example.com/x.png>", "Age?", "> 7", "A"]);
  expect([talk.attributes, talk.counts.q]).toEqual([{ age: 7 }, 1]);
});

it("a message that surely did not leave is tried again, one that is refused ends the run", () => {
  const talk = new Conversation(flow([trigger, node("q", "question", say("?")), a], ["t>q", "q>a"]), "go");
  const { run } = talk;
  talk.say("x");
  const busy = { outcome: "failed", error: { code: "RATE", message: "429", retryable: true } } as const;
  expect([run.status, run.performed.length]).toEqual(["completed", 2]);
  const again = new Run(run.program, { event: run.state.run!.event });
  again.result("q:2", busy);
  again.pass(10_000);
  expect(again.performed.map(({ key, attempt }) => [key, attempt])).toEqual([
    ["q:2", 1],
    ["q:2", 2],
  ]);
  again.result("q:2", { outcome: "failed", error: { code: "CONSENT", message: "opted out" } });
  expect([again.status, again.state.run?.error?.code]).toEqual(["failed", "CONSENT"]);
});

it("counts every entry into a node, loops included", () => {
  const ask = node("q", "button_question", {
    interactiveButtonsBody: "Again?",
    expectedAnswers: [answer("y", "Yes", "a"), answer("n", "No", "b")],
  });
  const talk = new Conversation(flow([trigger, a, ask, b], ["t>a", "a>q"]), "go");
  for (const word of ["yes", "maybe", "yes", "no"]) talk.say(word);
  expect(talk.counts).toMatchObject({ t: 1, a: 3, q: 3, b: 1 });
  expect([talk.status, talk.folds]).toEqual(["completed", true]);
});

it("ids that the compiler would take are left to the flow", () => {
  const long = node("a", "message", {
    flowReplies: [
      { flowReplyType: "Text", data: "1" },
      { flowReplyType: "Text", data: "2" },
    ],
  });
  const taken = node("a~2", "message", say("mine"));
  expect(new Conversation(flow([trigger, long, taken], ["t>a", "a>a~2"]), "go").transcript).toEqual([
    "> go",
    "1",
    "2",
    "mine",
  ]);
});
