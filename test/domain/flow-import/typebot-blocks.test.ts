// What Typebot's variables, logic and integrations become; bubbles, inputs and texts are in import-typebot.test.ts.
import { describe, expect, it } from "vitest";
import { checkFlow } from "../../../src/domain/flow/check-flow.ts";
import type { Condition } from "../../../src/engine/expression/condition.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { Conversation, flowOf } from "../flow/conversation.ts";
import { documentOf, imported, nodeOf, talked, toldOf } from "./imported.ts";
import { block, bot, said } from "./typebot-flow.ts";

describe("Typebot's variables", () => {
  const setting = (id: string, expressionToEvaluate: string, more: JsonObject = {}) =>
    block(id, "Set variable", { variableId: "v-It", expressionToEvaluate, ...more });

  it.each([
    ["Gold", "It is Gold."],
    ['"Gold"', "It is Gold."],
    ["42", "It is 42."],
    ["https://pedal.example/?a=1", "It is https://pedal.example/?a=1."],
  ])("that are always %s stand as it", (value, text) => {
    expect(talked(bot({ Set: [setting("s", value), said("a", "It is {{It}}.")] }, [], ["It"]))).toEqual([text]);
  });

  it.each([
    ["{{It}} + 1", "It is 6."],
    ["1 - 2", "It is -1."],
    ["{{It}} - 2 - -1", "It is 4."],
    ["{{It}} * 2 / 4", "It is 2.5."],
  ])("that are computed as %s are computed by a template", (value, text) => {
    const source = bot({ Set: [setting("n", "5"), setting("s", value), said("a", "It is {{It}}.")] }, [], ["It"]);
    expect(imported(source).report.unsupported).toEqual([]);
    expect(talked(source)).toEqual([text]);
  });

  it.each([
    ["'n' + {{It}}", "It is n5."],
    ["const n = {{It}}; return n > 3 ? 'many' : 'few'", "It is many."],
    ["({{It}} + 1) * 2", "It is 12."],
    ["null", "It is ."],
  ])("that are computed as %s are computed in the sandbox", (value, text) => {
    const source = bot({ Set: [setting("n", "5"), setting("s", value), said("a", "It is {{It}}.")] }, [], ["It"]);
    expect(toldOf(imported(source), "groups.0.blocks.1")).toEqual([
      "approximated: JavaScript runs in the sandbox, which has no page and no network",
    ]);
    expect(talked(source)).toEqual([text]);
  });

  it("that collect values are lists", () => {
    const add = (id: string, item: string) =>
      block(id, "Set variable", { variableId: "v-It", type: "Append value(s)", item });
    const source = bot({ Set: [add("a", "tea"), add("b", "{{Extra}}"), said("c", "{{It}}")] }, [], ["It", "Extra"]);
    expect(talked(source)).toEqual(['["tea",null]']);
  });

  it("that a text sets decide a condition", () => {
    const items = [
      {
        id: "i",
        outgoingEdgeId: "yes",
        content: { comparisons: [{ variableId: "v-It", comparisonOperator: "Equal to", value: "a" }] },
      },
    ];
    const source = bot(
      { Set: [setting("s", "a"), block("c", "Condition", {}, { items }), said("n", "No.")], Yes: [said("y", "Yes.")] },
      [["yes", "Yes"]],
      ["It"],
    );
    expect(talked(source)).toEqual(["Yes."]);
  });

  it("of WhatsApp are the contact's own", () => {
    expect(talked(bot({ Set: [setting("s", "", { type: "Phone number" }), said("a", "{{It}}")] }, [], ["It"]))).toEqual(
      ["+14155550100"],
    );
  });
});

describe("Typebot's other blocks", () => {
  it.each(["OpenAI", "openai", "Google Sheets", "Code", "payment input", "webhook", "Typebot link", "qr-code"])(
    "%s is told, and the conversation goes on behind it",
    (type) => {
      const source = bot({ Odd: [said("a", "One."), block("o", type), said("b", "Two.")] });
      expect(talked(source)).toEqual(["One.", "Two."]);
      expect(imported(source).report.unsupported.map(({ path }) => path)).toEqual(["groups.0.blocks.1"]);
    },
  );

  it("AB test draws lots by the conversation", () => {
    const items = [
      { id: "a", path: "a", outgoingEdgeId: "to-a" },
      { id: "b", path: "b", outgoingEdgeId: "to-b" },
    ];
    const tested = (aPercent: number) =>
      bot({ Test: [block("t", "AB test", { aPercent }, { items })], A: [said("x", "A.")], B: [said("y", "B.")] }, [
        ["to-a", "A"],
        ["to-b", "B"],
      ]);
    expect([talked(tested(0)), talked(tested(100))]).toEqual([["B."], ["A."]]);
    const flow = imported(tested(25));
    expect(flow.report.unsupported).toEqual([]);
    const { field, operator, value } = (nodeOf(flow, "condition_if").config as { conditions: Condition }).conditions;
    expect([field, operator, (value as string[]).length]).toEqual(["{{ execution.id | slice: -2, 2 }}", "in", 64]);
  });

  const request = (webhook: JsonObject, more: JsonObject = {}): JsonObject[] => [
    block("r", "Webhook", { webhook, isCustomBody: true, ...more }),
    said("a", "It is {{It}}, {{All}}."),
  ];
  const variables = ["It", "All"];

  it("HTTP requests are sent, and fill variables", () => {
    const source = bot(
      {
        Ask: request(
          {
            url: "https://api.pedal.example/{{It}}/bicycles",
            method: "POST",
            queryParams: [{ id: "q", key: "for us", value: "{{It}} & co" }],
            headers: [{ id: "h", key: "X-Shop", value: "1" }],
            body: '{"n": "{{It}}"}',
          },
          {
            responseVariableMapping: [
              { id: "1", variableId: "v-It", bodyPath: "data.list[1].name" },
              { id: "2", variableId: "v-All", bodyPath: "data.list.flatMap(item => item.name)" },
            ],
          },
        ),
      },
      [],
      variables,
    );
    const flow = imported(source);
    expect(checkFlow(flowOf(documentOf(flow)))).toEqual([]);
    const asked: JsonObject[] = [];
    const talk = new Conversation(documentOf(flow), "bicycles", {}, (_action, input) => {
      asked.push(input);
      return { outcome: "ok", output: { status: 200, headers: {}, body: { list: [{ name: "x" }, { name: "y" }] } } };
    });
    expect(asked[0]).toEqual({
      url: "https://api.pedal.example//bicycles?for%20us=%20%26%20co",
      method: "POST",
      headers: { "x-shop": "1", "content-type": "application/json" },
      body: '{"n": ""}',
    });
    expect(talk.transcript.at(-1)).toBe('It is y, ["x","y"].');
    const failing = new Conversation(documentOf(flow), "bicycles", {}, () => ({
      outcome: "failed",
      error: { code: "HTTP_ERROR", message: "no", retryable: false },
    }));
    expect(failing.transcript.at(-1)).toBe("It is , .");
  });

  it("HTTP requests without an address, and places in the answer that are code, are told", () => {
    expect(toldOf(imported(bot({ Ask: request({}) }, [], variables)), "groups.0.blocks.0")).toEqual([
      "unsupported: the request is not in the export; the conversation goes on behind it",
    ]);
    const mapping = [{ id: "1", variableId: "v-It", bodyPath: "data.x.filter(Boolean)" }];
    const flow = imported(
      bot(
        { Ask: request({ url: "https://x.example", method: "GET" }, { responseVariableMapping: mapping }) },
        [],
        variables,
      ),
    );
    expect(toldOf(flow, "groups.0.blocks.0")).toEqual([
      "unsupported: this place in the answer cannot be read: the variable stays empty",
    ]);
  });

  it("e-mails are sent to whom they name", () => {
    const options = { isCustomBody: true, recipients: ["{{It}}"], subject: "Hello", body: "Dear {{It}}" };
    const flow = imported(bot({ Mail: [block("m", "Email", options)] }, [], variables));
    expect(nodeOf(flow, "action_email").config).toMatchObject({ subject: "Hello" });
    const own = imported(bot({ Mail: [block("m", "Email", { recipients: ["me@pedal.example"] })] }));
    expect(own.report.unsupported.map(({ path }) => path)).toEqual(["groups.0.blocks.0"]);
  });

  it("Jump and an edge lead into the middle of a group", () => {
    const source = bot(
      {
        One: [said("a", "One."), block("j", "Jump", { groupId: "Two", blockId: "c" })],
        Two: [said("b", "Never."), said("c", "Two."), block("t", "text input", {}, { outgoingEdgeId: "on" })],
        Three: [said("d", "Never."), said("e", "Three.")],
      },
      [["on", "Three", "e"]],
    );
    expect(talked(source, "x")).toEqual(["One.", "Two.", "> x", "Three."]);
  });

  it("bubbles without a web address are not sent", () => {
    const source = bot(
      {
        Show: [
          { id: "v", type: "video", content: { url: "https://www.youtube.com/watch?v=abc", type: "youtube" } },
          { id: "w", type: "video", content: { id: "77", type: "vimeo" } },
          { id: "x", type: "audio", content: { url: "https://pedal.example/bell.mp3" } },
          { id: "y", type: "image", content: { url: "https://pedal.example/{{It}}.png" } },
          { id: "z", type: "embed", content: { url: "https://pedal.example/terms.pdf" } },
          { id: "e", type: "image", content: {} },
        ],
      },
      [],
      ["It"],
    );
    const flow = imported(source);
    expect(nodeOf(flow, "message").flowReplies.map(({ flowReplyType, data }) => [flowReplyType, data])).toEqual([
      ["Text", "https://www.youtube.com/watch?v=abc"],
      ["Text", "https://vimeo.com/77"],
      ["Audio", "https://pedal.example/bell.mp3"],
      ["Document", "https://pedal.example/terms.pdf"],
    ]);
    expect(flow.report.unsupported.map(({ path }) => path)).toEqual(["groups.0.blocks.3"]);
  });
});
