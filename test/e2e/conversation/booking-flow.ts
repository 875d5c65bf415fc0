// A restaurant's chatbot, as somebody draws it: every kind of node that a conversation meets, and what a person sees of it.

const at = (posX: string, posY: string) => ({ posX, posY });
const text = (data: string) => ({ flowReplyType: "Text", data, caption: "", mimeType: "" });

export const MENU_URL = "https://files.example.com/menu.pdf";

const NODES = [
  {
    id: "start",
    type: "trigger_keyword",
    flowNodeType: "Trigger",
    flowNodePosition: at("-172.05", "-174.58"),
    isStartNode: true,
    triggerKeywords: ["book", "book a table"],
  },
  {
    id: "welcome",
    type: "message",
    flowNodeType: "Message",
    flowNodePosition: at("0", "0"),
    isStartNode: false,
    flowReplies: [text("Welcome to Trattoria Zero!"), text("A few questions, and your table is yours.")],
  },
  {
    id: "name",
    type: "question",
    flowNodeType: "Question",
    flowNodePosition: at("100", "0"),
    isStartNode: false,
    flowReplies: [text("What is your name?")],
    userInputVariable: "@name",
    answerValidation: {
      type: "Text",
      minValue: "2",
      maxValue: "40",
      regex: "",
      fallback: "Two letters or more, please.",
      failsCount: "3",
    },
    isMediaAccepted: false,
  },
  {
    id: "guests",
    type: "question",
    flowNodeType: "Question",
    flowNodePosition: at("200", "0"),
    isStartNode: false,
    flowReplies: [text("Thank you, @name. For how many?")],
    userInputVariable: "@guests",
    answerValidation: {
      type: "Number",
      minValue: "1",
      maxValue: "12",
      regex: "",
      fallback: "A number from 1 to 12, please.",
      failsCount: "3",
    },
    isMediaAccepted: false,
  },
  {
    id: "when",
    type: "button_question",
    flowNodeType: "Question",
    flowNodePosition: at("300", "0"),
    isStartNode: false,
    interactiveButtonsHeader: { type: "Text", text: "Your table", media: null },
    interactiveButtonsBody: "When will you come, @name?",
    interactiveButtonsFooter: "We open at noon",
    interactiveButtonsUserInputVariable: "@when",
    interactiveButtonsDefaultNodeResultId: "",
    expectedAnswers: [
      { id: "lunch", expectedInput: "Lunch", isDefault: false, nodeResultId: "many" },
      { id: "dinner", expectedInput: "Dinner", isDefault: true, nodeResultId: "many" },
      { id: "never", expectedInput: "Not now", isDefault: false, nodeResultId: "bye" },
    ],
  },
  {
    id: "many",
    type: "condition",
    flowNodeType: "Condition",
    flowNodePosition: at("400", "0"),
    isStartNode: false,
    flowNodeConditions: [{ id: "c1", flowConditionType: "GreaterThan", variable: "@guests", value: "6" }],
    conditionResult: [
      { id: "r1", expectedInput: "true", isDefault: true, nodeResultId: "group" },
      { id: "r2", expectedInput: "false", isDefault: false, nodeResultId: "wishes" },
    ],
    conditionOperator: "None",
  },
  {
    id: "group",
    type: "message",
    flowNodeType: "Message",
    flowNodePosition: at("500", "-100"),
    isStartNode: false,
    flowReplies: [text("@guests are a party: we set two tables side by side.")],
  },
  {
    id: "wishes",
    type: "message",
    flowNodeType: "Message",
    flowNodePosition: at("500", "100"),
    isStartNode: false,
    flowReplies: [text("Any wish? Write it now, or wait a moment.")],
  },
  {
    id: "moment",
    type: "delay",
    flowNodeType: "Delay",
    flowNodePosition: at("600", "100"),
    isStartNode: false,
    delayDuration: 10,
    delayUnit: "minutes",
    waitForReply: true,
    delayInterrupt: true,
    delayResult: [
      { id: "d1", expectedInput: "complete", isDefault: true, nodeResultId: "where" },
      { id: "d2", expectedInput: "interrupted", isDefault: false, nodeResultId: "noted" },
    ],
  },
  {
    id: "noted",
    type: "message",
    flowNodeType: "Message",
    flowNodePosition: at("700", "200"),
    isStartNode: false,
    flowReplies: [text("Noted.")],
  },
  {
    id: "where",
    type: "list_question",
    flowNodeType: "Question",
    flowNodePosition: at("800", "100"),
    isStartNode: false,
    flowReplies: [text("Where do you like to sit?")],
    userInputVariable: "@place",
    answerValidation: { type: "None", minValue: "", maxValue: "", regex: "", fallback: "", failsCount: "3" },
    isMediaAccepted: false,
    expectedAnswers: [
      { id: "garden", expectedInput: "Garden", description: "Under the vines", section: "Outside" },
      { id: "terrace", expectedInput: "Terrace", section: "Outside" },
      { id: "bar", expectedInput: "Bar", section: "Inside" },
      { id: "window", expectedInput: "Window", section: "Inside" },
    ],
  },
  {
    id: "done",
    type: "message",
    flowNodeType: "Message",
    flowNodePosition: at("900", "100"),
    isStartNode: false,
    flowReplies: [
      text("Booked: @when for @guests, @place. See you, @name!"),
      { flowReplyType: "Document", data: MENU_URL, caption: "Our menu", mimeType: "application/pdf" },
    ],
  },
  {
    id: "bye",
    type: "message",
    flowNodeType: "Message",
    flowNodePosition: at("400", "300"),
    isStartNode: false,
    flowReplies: [text("Another time, then.")],
  },
];

const LINES = [
  ["start", "welcome"],
  ["welcome", "name"],
  ["name", "guests"],
  ["guests", "when"],
  ["group", "where"],
  ["wishes", "moment"],
  ["noted", "where"],
  ["where", "done"],
];

export const BOOKING_FLOW = {
  name: "Booking",
  flowNodes: NODES,
  flowEdges: LINES.map(([sourceNodeId, targetNodeId], index) => ({
    id: `edge-${index + 1}`,
    sourceNodeId,
    targetNodeId,
  })),
  transform: { posX: "-291.90", posY: "181.90", zoom: "0.56" },
  isPro: false,
  brand_id: 1,
};

/** One turn: what the person says (`pick`: by the button or row, where there are any), and what the bot says then. */
export type Turn = { say: string; pick?: { id: string; title: string }; hear: string[] };

/** How a person may book. `by`: what they are called, with how many they come; `sms`: without buttons, choices are numbers. */
export const bookingTurns = (name: string, guests: number, { sms }: { sms: boolean }): Turn[] => {
  const party = guests > 6;
  const list = sms
    ? "Where do you like to sit?\n\n1. Garden – Under the vines\n2. Terrace\n3. Bar\n4. Window"
    : "Where do you like to sit? [Garden] [Terrace] [Bar] [Window]";
  const when = sms
    ? `Your table\n\nWhen will you come, ${name}?\n\n1. Lunch\n2. Dinner\n3. Not now\n\nWe open at noon`
    : `Your table\n\nWhen will you come, ${name}?\n\nWe open at noon [Lunch] [Dinner] [Not now]`;
  const wishes = "Any wish? Write it now, or wait a moment.";
  return [
    {
      say: "Book a table",
      hear: ["Welcome to Trattoria Zero!", "A few questions, and your table is yours.", "What is your name?"],
    },
    { say: name, hear: [`Thank you, ${name}. For how many?`] },
    { say: "a few of us", hear: ["A number from 1 to 12, please."] },
    { say: "99", hear: ["A number from 1 to 12, please."] },
    { say: String(guests), hear: [when] },
    {
      ...(sms ? { say: "2" } : { say: "Dinner", pick: { id: "dinner", title: "Dinner" } }),
      hear: party ? [`${guests} are a party: we set two tables side by side.`, list] : [wishes],
    },
    ...(party ? [] : [{ say: "A high chair", hear: ["Noted.", list] }]),
    {
      ...(sms ? { say: "4" } : { say: "Window", pick: { id: "window", title: "Window" } }),
      hear: [`Booked: Dinner for ${guests}, Window. See you, ${name}!`, `Our menu <${MENU_URL}>`],
    },
  ];
};

/** How often one who booked in these turns entered each node. */
export const bookingVisits = (guests: number): Record<string, number> => ({
  ...{ start: 1, welcome: 1, name: 1, guests: 1, when: 1, many: 1, where: 1, done: 1, bye: 0 },
  ...(guests > 6 ? { group: 1, wishes: 0, moment: 0, noted: 0 } : { group: 0, wishes: 1, moment: 1, noted: 1 }),
});
