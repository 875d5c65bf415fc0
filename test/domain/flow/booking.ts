// The booking chatbot that the tests talk to: keyword, question, buttons, condition, delay with reply, list, document. Answers' ways in all the forms that
// the document has: by nodeResultId, by the node's edge, by the default.
import type { JsonObject } from "../../../src/lib/json.ts";

const at = { flowNodePosition: { posX: "-172.05", posY: "-174.58" } };
const text = (data: string) => [{ flowReplyType: "Text", data, caption: "", mimeType: "" }];
const none = { type: "None", minValue: "", maxValue: "", regex: "", fallback: "", failsCount: "3" };
const way = (id: string, expectedInput: string, nodeResultId = "", more: JsonObject = {}) => ({
  id,
  expectedInput,
  isDefault: false,
  nodeResultId,
  ...more,
});

export const flowNodes: JsonObject[] = [
  {
    id: "start",
    type: "trigger_keyword",
    flowNodeType: "Trigger",
    ...at,
    isStartNode: true,
    triggerKeywords: ["book", "Book a table"],
  },
  {
    id: "hello",
    type: "message",
    flowNodeType: "Message",
    ...at,
    isStartNode: false,
    flowReplies: [
      ...text("Welcome to Chez @owner, @name! Write to me@chez.example."),
      { flowReplyType: "Image", data: "https://example.com/room.jpg", caption: "For @name", mimeType: "image/jpeg" },
    ],
  },
  {
    id: "people",
    type: "question",
    flowNodeType: "Question",
    ...at,
    isStartNode: false,
    flowReplies: text("For how many people?"),
    userInputVariable: "@people",
    answerValidation: {
      type: "Number",
      minValue: "1",
      maxValue: "20",
      regex: "",
      fallback: "A number from 1 to 20, please",
      failsCount: "3",
    },
    isMediaAccepted: false,
  },
  {
    id: "where",
    type: "button_question",
    flowNodeType: "Question",
    ...at,
    isStartNode: false,
    interactiveButtonsHeader: { type: "Text", text: "A table for @people", media: null },
    interactiveButtonsBody: "Inside or outside?",
    interactiveButtonsFooter: "You can change it later",
    interactiveButtonsUserInputVariable: "@where",
    interactiveButtonsDefaultNodeResultId: "",
    expectedAnswers: [way("btn-in", "Inside", "big"), way("btn-out", "Outside")],
  },
  {
    id: "big",
    type: "condition",
    flowNodeType: "Condition",
    ...at,
    isStartNode: false,
    flowNodeConditions: [{ id: "c", flowConditionType: "GreaterThan", variable: "@people", value: "8" }],
    conditionResult: [way("t", "true", "call"), way("f", "false", "pause", { isDefault: true })],
    conditionOperator: "None",
  },
  {
    id: "call",
    type: "message",
    flowNodeType: "Message",
    ...at,
    isStartNode: false,
    flowReplies: text("We will call you about @people people."),
  },
  {
    id: "pause",
    type: "delay",
    flowNodeType: "Delay",
    ...at,
    isStartNode: false,
    delayDuration: 5,
    delayUnit: "minutes",
    waitForReply: true,
    delayInterrupt: true,
    delayResult: [way("d", "complete", "menu", { isDefault: true }), way("i", "interrupted", "yes")],
  },
  {
    id: "yes",
    type: "message",
    flowNodeType: "Message",
    ...at,
    isStartNode: false,
    flowReplies: text("I am still here."),
  },
  {
    id: "menu",
    type: "list_question",
    flowNodeType: "Question",
    ...at,
    isStartNode: false,
    flowReplies: text("Which menu, @name?"),
    userInputVariable: "@menu",
    answerValidation: { ...none, fallback: "Please choose from the list" },
    isMediaAccepted: false,
    expectedAnswers: [
      way("row-1", "Vegetarian", "", { description: "Five courses", section: "Menus" }),
      way("row-2", "Fish", "", { section: "Menus" }),
    ],
  },
  {
    id: "done",
    type: "message",
    flowNodeType: "Message",
    ...at,
    isStartNode: false,
    flowReplies: [
      {
        flowReplyType: "Document",
        data: "https://example.com/menu.pdf",
        caption: "@menu, @where, @people",
        mimeType: "application/pdf",
      },
    ],
  },
];

const edge = (from: string, to: string) => ({ id: `${from}-${to}`, sourceNodeId: from, targetNodeId: to });

export const booking: JsonObject = {
  name: "Booking",
  flowNodes,
  flowEdges: [
    ["start", "hello"],
    ["hello", "people"],
    ["people", "where"],
    // As an editor draws it: the ways of answers are edges too; "Outside" has the other one.
    ["where", "big"],
    ["where", "pause"],
    ["yes", "menu"],
    ["menu", "done"],
  ].map(([from, to]) => edge(from!, to!)),
  transform: { posX: "-291.90", posY: "181.90", zoom: "0.56" },
  isPro: false,
};
