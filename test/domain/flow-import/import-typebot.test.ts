import { describe, expect, it } from "vitest";
import { checkFlow } from "../../../src/domain/flow/check-flow.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { Conversation, flowOf } from "../flow/conversation.ts";
import { documentOf, imported, nodeOf, talked, toldOf } from "./imported.ts";
import { bicycles, block, bot, choice, paragraph, said, says } from "./typebot-flow.ts";

describe("a bot that lends bicycles", () => {
  const flow = imported(bicycles);

  it("may be published, and is talked to the end", () => {
    expect(checkFlow(flowOf(documentOf(flow)))).toEqual([]);
    const talk = new Conversation(documentOf(flow), "bicycles");
    for (const answer of ["Ada", "1", "many", "9"]) talk.say(answer);
    talk.pass(120_000);
    expect(talk.transcript).toEqual([
      "> bicycles",
      "Hello from *Pedal* _and_ Co\nour page (https://pedal.example)",
      "<https://pedal.example/shop.jpg>",
      "What is your name?",
      "> Ada",
      "Which bicycle, Ada?\nbuttons: City | Mountain",
      "> 1",
      "For how many days?",
      "> many",
      "That does not look right. Please try again.",
      "> 9",
      "A week or more: a lock comes with it.",
      "9 days, City. Bye!",
      "https://pedal.example/terms",
    ]);
    expect(talk.status).toBe("completed");
    expect(talk.attributes).toEqual({ First_name: "Ada", Kind: "City", Days: 9 });
  });

  it("goes the other way when one of two comparisons does not hold", () => {
    expect(talked(bicycles, "Ada", "Mountain", "9").slice(-2)).toEqual([
      "9 days, Mountain. Bye!",
      "https://pedal.example/terms",
    ]);
    expect(talked(bicycles, "Ada", "City", "6").slice(-2)).toEqual([
      "6 days, City. Bye!",
      "https://pedal.example/terms",
    ]);
    expect(talked(bicycles, "Ada", "City", "7")).toContain("A week or more: a lock comes with it.");
  });

  it("keeps the places on the canvas, the blocks of a group below each other", () => {
    expect(flow.flowNodes.map(({ id, flowNodePosition: { posX, posY } }) => [id, posX, posY])).toEqual([
      ["message-w1", "0.00", "40.00"],
      ["question-w4", "0.00", "520.00"],
      ["button-question-k1", "300.00", "200.00"],
      ["question-d1", "600.00", "200.00"],
      ["message-l1", "900.00", "40.00"],
      ["delay-l2", "900.00", "200.00"],
      ["message-b1", "1200.00", "40.00"],
      ["message-b2", "1200.00", "200.00"],
      ["condition-if-d3", "600.00", "360.00"],
      ["trigger-keyword-start", "-10.00", "5.00"],
      // The third bad answer leads on without one.
      ["data-variable-empty-Days", "-10.00", "45.00"],
    ]);
  });

  it("tells what became of each block", () => {
    expect(flow.report.unsupported).toEqual([]);
    expect(flow.report.approximated.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      "groups.4.blocks.1: nobody can be sent to a page by a message: the link is sent",
      "events.0: started by whoever opens the bot, here by a message with: bicycles",
      "events.0: what takes some answers only asks 3 times at most; Typebot asks until the answer fits",
    ]);
    expect(flow.report.mapped.map(({ path, became }) => [path, ...became])).toContainEqual([
      "groups.1.blocks.1",
      "button_question",
    ]);
    expect([flow.name, flow.origin]).toEqual(["Bicycles", "typebot"]);
  });
});

describe("Typebot's choices", () => {
  const titles = (n: number) => Array.from({ length: n }, (_, index) => `Answer ${index + 1}`);
  const offered = (all: string[], more: JsonObject = {}) =>
    bot({ Ask: [said("a", "Which?"), choice("c", all, more), said("b", "You said {{Which}}.")] }, [], ["Which"]);
  const saved = { options: { variableId: "v-Which" } };

  it("are buttons up to three, a list up to ten, numbers beyond", () => {
    expect(talked(offered(titles(3), saved), "answer 3")).toEqual([
      "Which?\nbuttons: Answer 1 | Answer 2 | Answer 3",
      "> answer 3",
      "You said Answer 3.",
    ]);
    expect(talked(offered(titles(4), saved), "4").at(-1)).toBe("You said Answer 4.");
    expect(imported(offered(titles(10))).flowNodes.map(({ type }) => type)).toContain("list_question");
    const many = talked(offered(titles(11), saved), "12", "11");
    expect(many[0]).toBe(
      `Which?\n${titles(11)
        .map((title, index) => `${index + 1}. ${title}`)
        .join("\n")}`,
    );
    expect(many.slice(1)).toEqual(["> 12", "Please answer with a number from 1 to 11.", "> 11", "You said Answer 11."]);
  });

  it("lead on as the source says, whatever their form", () => {
    for (const count of [3, 10, 11]) {
      const groups = {
        Ask: [said("a", "Which?"), choice("c", titles(count))],
        First: [said("f", "The first.")],
        Other: [said("o", "Another.")],
      };
      const items = (groups.Ask[1] as { items: JsonObject[] }).items;
      for (const item of items) item.outgoingEdgeId = item === items[0] ? "to-first" : "to-other";
      const source = bot(groups, [
        ["to-first", "First"],
        ["to-other", "Other"],
      ]);
      expect(talked(source, "1").at(-1)).toBe("The first.");
      expect(talked(source, `${count}`).at(-1)).toBe("Another.");
      expect(checkFlow(flowOf(documentOf(imported(source))))).toEqual([]);
    }
  });

  it("with titles too long for WhatsApp are cut, stay different, and comparisons follow", () => {
    const long = ["A rather long title that says one", "A rather long title that says two"];
    const test = { id: "x", comparisons: [{ variableId: "v-Which", comparisonOperator: "Equal to", value: long[1]! }] };
    const source = bot(
      {
        Test: [
          said("q", "Which?"),
          choice("c", long, saved),
          block("t", "Condition", {}, { items: [{ id: "i", outgoingEdgeId: "yes", content: test }] }),
          said("n", "Not two."),
        ],
        Yes: [said("y", "Two.")],
      },
      [["yes", "Yes"]],
      ["Which"],
    );
    const flow = imported(source);
    const rows = nodeOf(flow, "list_question").expectedAnswers;
    expect(rows.map(({ expectedInput }) => expectedInput.length <= 24)).toEqual([true, true]);
    expect(rows.map(({ description }) => description)).toEqual(long);
    expect(talked(source, "2").at(-1)).toBe("Two.");
    expect(talked(source, "1").at(-1)).toBe("Not two.");
  });

  it("too long for a list's rows are numbered, and saved as they are", () => {
    const long = ["Yes", `No: ${"because of this and that, ".repeat(4)}{{no}}`];
    const source = offered(long, saved);
    expect(talked(source, "2").at(-1)).toBe(`You said ${long[1]!.replace("{{no}}", "@no")}.`);
    expect(toldOf(imported(source), "groups.0.blocks.1")).toContain(
      "approximated: WhatsApp's lists have no room for answers of more than 72 characters: they are numbered",
    );
  });

  it("that opt people out are told", () => {
    expect(toldOf(imported(offered(["Go on", "Cancel"])), "groups.0.blocks.1")).toEqual([
      'approximated: who answers "Cancel" opts out of all messages: give the answer another title',
    ]);
  });

  it("of several at once are written as text", () => {
    expect(
      talked(offered(["Red", "Blue"], { options: { isMultipleChoice: true, variableId: "v-Which" } }), "Red, Blue"),
    ).toEqual(["Which?\n- Red\n- Blue", "> Red, Blue", "You said Red, Blue."]);
  });

  it("with pictures are sent before the question", () => {
    const items = [
      { id: "1", title: "Cat", pictureSrc: "https://pets.example/cat.png" },
      { id: "2", title: "Dog", pictureSrc: "https://pets.example/dog.png" },
    ];
    expect(
      talked(bot({ Ask: [said("a", "Which?"), { id: "p", type: "picture choice input", items }] }), "dog"),
    ).toEqual([
      "<https://pets.example/cat.png>\nCat",
      "<https://pets.example/dog.png>\nDog",
      "Which?\nbuttons: Cat | Dog",
      "> dog",
      "Thank you!",
    ]);
  });

  it("that are made while the bot runs are not known", () => {
    const flow = imported(offered([], { options: { dynamicVariableId: "v-Which" } }));
    expect(toldOf(flow, "groups.0.blocks.1")).toContain(
      "unsupported: answers that come from a variable are not known: the question takes any text",
    );
  });
});

describe("Typebot's inputs", () => {
  it.each([
    ["email input", {}, "ada@", "ada@example.com"],
    ["phone number input", {}, "12", "+14155550123"],
    ["number input", { min: 2, max: 3 }, "4", "2"],
    ["url input", { retryMessageContent: "An address, please" }, "no address", "https://pedal.example/x"],
    ["rating input", { length: 5 }, "6", "5"],
  ])("%s refuses %j", (type, options, wrong, right) => {
    const source = bot(
      { Ask: [said("a", "Say."), block("i", type, { ...options, variableId: "v-It" }), said("b", "So {{It}}.")] },
      [],
      ["It"],
    );
    const transcript = talked(source, wrong, right);
    expect(transcript).toHaveLength(5);
    expect(transcript.at(-1)).toBe(`So ${right}.`);
    if ("retryMessageContent" in options) expect(transcript[2]).toBe(options.retryMessageContent);
  });

  it("without words of their own take the answer to what other groups asked", () => {
    const source = bot(
      {
        Who: [said("w", "Who are you?"), choice("c", ["He", "She"])],
        He: [{ ...said("h", "His name?"), outgoingEdgeId: "to-name" }],
        She: [{ ...said("s", "Her name?"), outgoingEdgeId: "to-name" }],
        Name: [block("n", "text input", { variableId: "v-It" }), said("m", "Hello, {{It}}.")],
      },
      [
        ["to-he", "He"],
        ["to-she", "She"],
        ["to-name", "Name"],
      ],
      ["It"],
    );
    const [ask] = source.groups as { blocks: { items: JsonObject[] }[] }[];
    for (const [index, item] of ask!.blocks[1]!.items.entries()) item.outgoingEdgeId = ["to-he", "to-she"][index]!;
    expect(talked(source, "she", "Ada").slice(-3)).toEqual(["Her name?", "> Ada", "Hello, Ada."]);
    expect(checkFlow(flowOf(documentOf(imported(source))))).toEqual([]);
  });

  it("take a file", () => {
    expect(nodeOf(imported(bot({ Ask: [block("f", "file input")] })), "question").isMediaAccepted).toBe(true);
  });

  it("ask with their placeholder when nothing is said before", () => {
    const flow = imported(bot({ Ask: [block("t", "text input", { labels: { placeholder: "Your town" } })] }));
    expect(nodeOf(flow, "question").flowReplies[0]!.data).toBe("Your town");
  });
});

describe("Typebot's texts", () => {
  const text = (...children: JsonObject[]) => {
    const flow = imported(bot({ Say: [says("a", ...children)] }, [], ["It"]));
    return nodeOf(flow, "message").flowReplies.map(({ data }) => data);
  };

  it("have WhatsApp's marks next to their words", () => {
    expect(
      text(
        paragraph(
          { text: " so ", bold: true, italic: true },
          { text: "gone", strikethrough: true },
          { text: "  ", bold: true },
        ),
        paragraph({ text: "{{It}}", italic: true }, { text: " or " }, { text: "{{It}}", bold: true }),
        { type: "h1", children: [{ text: "Title" }] },
        { type: "blockquote", children: [{ text: "said" }] },
      ),
    ).toEqual(["*_so_* ~gone~\n@It or *@It*\n*Title*\n> said"]);
  });

  it("have lists and links", () => {
    const item = (value: string): JsonObject => ({
      type: "li",
      children: [{ type: "lic", children: [{ text: value }] }],
    });
    expect(
      text(
        {
          type: "ul",
          children: [
            item("one"),
            {
              type: "li",
              children: [
                { type: "lic", children: [{ text: "two" }] },
                { type: "ol", children: [item("a"), item("b")] },
              ],
            },
          ],
        },
        paragraph(
          { text: "See " },
          { type: "a", url: "https://x.example", children: [{ text: "https://x.example" }] },
          { text: "." },
        ),
      ),
    ).toEqual(["- one\n- two\n  1. a\n  2. b\nSee https://x.example."]);
  });

  it("longer than a message go in several, parted between words", () => {
    const words = "word ".repeat(1_500).trim();
    const parts = text(paragraph({ text: words }));
    expect(parts.map((part) => part.length <= 4_096)).toEqual([true, true]);
    expect(parts.join(" ")).toBe(words);
  });

  it("longer than buttons take go before the question", () => {
    const flow = imported(bot({ Ask: [said("a", "x".repeat(1_025)), choice("c", ["Yes", "No"])] }));
    expect(nodeOf(flow, "message").flowReplies[0]!.data).toHaveLength(1_025);
    expect(nodeOf(flow, "button_question").interactiveButtonsBody).toBe("Please choose:");
    expect(checkFlow(flowOf(documentOf(flow)))).toEqual([]);
  });
});

describe("Typebot's start", () => {
  it("takes the words that its WhatsApp settings start with", () => {
    const comparisons = [
      { comparisonOperator: "Contains", value: "Rent" },
      { comparisonOperator: "Equal to", value: "bike" },
    ];
    const settings = { whatsApp: { startCondition: { logicalOperator: "OR", comparisons } } };
    const flow = imported({ ...bicycles, settings });
    expect(nodeOf(flow, "trigger_keyword").triggerKeywords).toEqual(["rent", "bike"]);
  });

  it("is one: other events are told", () => {
    const events = [...(bicycles.events as JsonObject[]), { id: "e2", type: "reply", outgoingEdgeId: "first" }];
    expect(imported({ ...bicycles, events }).report.unsupported.map(({ path, name }) => [path, name])).toEqual([
      ["events.1", "reply"],
    ]);
  });
});

describe("older exports", () => {
  it("start with a block of their own (versions 3 to 5)", () => {
    const source: JsonObject = {
      version: "4",
      name: "Bicycles",
      groups: [
        {
          id: "g0",
          title: "Start",
          graphCoordinates: { x: 1, y: 2 },
          blocks: [{ id: "s", type: "start", label: "Start", outgoingEdgeId: "e" }],
        },
        {
          id: "g1",
          title: "Hi",
          graphCoordinates: { x: 3, y: 4 },
          blocks: [{ id: "b", type: "text", content: { html: "<div>Hi <b>you</b></div>", plainText: "Hi you" } }],
        },
      ],
      edges: [{ id: "e", from: { groupId: "g0", blockId: "s" }, to: { groupId: "g1" } }],
      variables: [],
    };
    expect(talked(source)).toEqual(["Hi you"]);
    expect(nodeOf(imported(source), "trigger_keyword").flowNodePosition).toEqual({ posX: "1.00", posY: "2.00" });
  });

  it("call groups blocks and blocks steps (before version 3)", () => {
    const source: JsonObject = {
      name: "Bicycles",
      blocks: [
        { id: "g0", title: "Start", steps: [{ id: "s", type: "start", outgoingEdgeId: "e" }] },
        {
          id: "g1",
          title: "Hi",
          steps: [
            { id: "a", type: "text", content: { html: "No" } },
            { id: "b", type: "text", content: { html: "<div>Hi</div>" } },
          ],
        },
      ],
      edges: [{ id: "e", from: { blockId: "g0", stepId: "s" }, to: { blockId: "g1", stepId: "b" } }],
      variables: [],
    };
    expect(talked(source)).toEqual(["Hi"]);
  });
});
