// Bots as people build them in Typebot, written for these tests: each with what a person says, and all that is said on both sides.
import type { JsonObject } from "../../../src/lib/json.ts";
import type { Sample } from "./imported.ts";
import { block, bot, choice, paragraph, said, says } from "./typebot-flow.ts";

const named = (name: string, source: JsonObject): JsonObject => ({ ...source, name });
const set = (id: string, name: string, expressionToEvaluate: string, more: JsonObject = {}): JsonObject =>
  block(id, "Set variable", { variableId: `v-${name}`, expressionToEvaluate }, more);
const test = (
  id: string,
  name: string,
  comparisonOperator: string,
  value: string,
  outgoingEdgeId: string,
): JsonObject => ({
  id,
  outgoingEdgeId,
  content: {
    logicalOperator: "AND",
    comparisons: [{ id: `${id}-c`, variableId: `v-${name}`, comparisonOperator, value }],
  },
});
const condition = (id: string, items: JsonObject[], more: JsonObject = {}): JsonObject => ({
  id,
  type: "Condition",
  items,
  ...more,
});
const leading = (id: string, ways: Record<string, string>, more: JsonObject = {}): JsonObject =>
  choice(id, Object.keys(ways), {
    items: Object.entries(ways).map(([content, outgoingEdgeId], index) => ({
      id: `${id}-${index}`,
      content,
      outgoingEdgeId,
    })),
    ...more,
  });
const saves = (name: string): JsonObject => ({ options: { variableId: `v-${name}` } });
const input = (id: string, type: string, name: string, options: JsonObject = {}, more: JsonObject = {}): JsonObject =>
  block(id, `${type} input`, { variableId: `v-${name}`, ...options }, more);

export const typebotSamples: Record<string, Sample> = {
  leads: {
    source: named(
      "Newsletter",
      bot(
        {
          Hello: [
            says("h1", paragraph({ text: "Hi, I am " }, { text: "Bo", bold: true }, { text: "." })),
            { id: "h2", type: "image", content: { url: "https://bo.example/bo.png" } },
            said("h3", "May I write to you?"),
            leading("h4", { Yes: "to-name", No: "to-no" }),
          ],
          Name: [
            said("n1", "Your name?"),
            input("n2", "text", "Name"),
            said("n3", "And your address, {{Name}}?"),
            input("n4", "email", "Mail", { retryMessageContent: "That is no address." }, { outgoingEdgeId: "to-end" }),
          ],
          No: [said("o1", "A pity.")],
          End: [said("e1", "Letters go to {{Mail}}.")],
        },
        [
          ["to-name", "Name"],
          ["to-no", "No"],
          ["to-end", "End"],
        ],
        ["Name", "Mail"],
      ),
    ),
    says: ["newsletter", "yes", "Ada", "ada at home", "ada@home.example"],
    hears: [
      "> newsletter",
      "Hi, I am *Bo*.",
      "<https://bo.example/bo.png>",
      "May I write to you?\nbuttons: Yes | No",
      "> yes",
      "Your name?",
      "> Ada",
      "And your address, Ada?",
      "> ada at home",
      "That is no address.",
      "> ada@home.example",
      "Letters go to ada@home.example.",
    ],
  },
  "a promoter score": {
    source: named(
      "Score",
      bot(
        {
          Ask: [
            said("a1", "How likely is it that you tell a friend?"),
            input("a2", "rating", "Score", { length: 10, startsAt: 0, labels: { left: "never", right: "surely" } }),
            condition(
              "a3",
              [test("t1", "Score", "Greater than", "8", "to-fan"), test("t2", "Score", "Greater than", "6", "to-mid")],
              {
                outgoingEdgeId: "to-low",
              },
            ),
          ],
          Fan: [set("f1", "Kind", "Promoter", { outgoingEdgeId: "to-why" })],
          Mid: [set("m1", "Kind", "Neutral", { outgoingEdgeId: "to-why" })],
          Low: [
            set("l1", "Kind", "Detractor"),
            block("l2", "Wait", { secondsToWaitFor: "5" }, { outgoingEdgeId: "to-why" }),
          ],
          Why: [
            said("w1", "Why {{Score}}?"),
            input("w2", "text", "Why", { isLong: true }),
            said("w3", "{{Kind}}: {{Why}}"),
          ],
        },
        [
          ["to-fan", "Fan"],
          ["to-mid", "Mid"],
          ["to-low", "Low"],
          ["to-why", "Why"],
        ],
        ["Score", "Kind", "Why"],
      ),
    ),
    says: ["score", "11", "3", "+5000", "Too slow"],
    hears: [
      "> score",
      "How likely is it that you tell a friend?\n(never 0 - 10 surely)",
      "> 11",
      "Please answer with a number from 0 to 10.",
      "> 3",
      "Why 3?",
      "> Too slow",
      "Detractor: Too slow",
    ],
  },
  "a quiz": {
    source: named(
      "Trivia",
      bot(
        {
          Start: [set("s1", "Right", "0"), said("s2", "Two questions."), block("s3", "Jump", { groupId: "One" })],
          One: [
            said("o1", "Which is a fruit?"),
            leading("o2", { Tomato: "to-plus1", Potato: "to-two", Carrot: "to-two" }),
          ],
          Plus1: [set("p1", "Right", "{{Right}} + 5", { outgoingEdgeId: "to-two" })],
          Two: [
            said("t1", "Which are primes?"),
            choice("t2", ["2", "3", "4"], { options: { variableId: "v-Primes", isMultipleChoice: true } }),
            condition("t3", [test("t4", "Primes", "Contains", "4", "to-end")], { outgoingEdgeId: "to-plus2" }),
          ],
          Plus2: [set("q1", "Right", "{{Right}} + 5", { outgoingEdgeId: "to-end" })],
          End: [
            condition("e1", [test("e2", "Right", "Greater or equal to", "10", "to-won")]),
            said("e3", "{{Right}} points. Again?"),
            leading("e4", { Again: "to-again", Enough: "" }),
          ],
          Won: [said("w1", "All {{Right}} points!")],
          Again: [block("g1", "Typebot link", { typebotId: "current", groupId: "Start" })],
        },
        [
          ["to-plus1", "Plus1"],
          ["to-two", "Two"],
          ["to-plus2", "Plus2"],
          ["to-end", "End"],
          ["to-won", "Won"],
          ["to-again", "Again"],
        ],
        ["Right", "Primes"],
      ),
    ),
    says: ["trivia", "potato", "2, 3", "again", "Tomato", "2 and 3"],
    hears: [
      "> trivia",
      "Two questions.",
      "Which is a fruit?\nbuttons: Tomato | Potato | Carrot",
      "> potato",
      "Which are primes?\n- 2\n- 3\n- 4",
      "> 2, 3",
      "5 points. Again?\nbuttons: Again | Enough",
      "> again",
      "Two questions.",
      "Which is a fruit?\nbuttons: Tomato | Potato | Carrot",
      "> Tomato",
      "Which are primes?\n- 2\n- 3\n- 4",
      "> 2 and 3",
      "All 10 points!",
    ],
  },
  "questions and answers": {
    source: named(
      "Questions",
      bot(
        {
          Menu: [
            said("m1", "What about?"),
            leading("m2", {
              Prices: "to-prices",
              Delivery: "to-delivery",
              Returns: "to-returns",
              "Something else": "to-else",
            }),
          ],
          Prices: [said("p1", "From 5 a month."), block("p2", "Jump", { groupId: "More" })],
          Delivery: [said("d1", "Within two days."), block("d2", "Jump", { groupId: "More" })],
          Returns: [said("r1", "Within thirty days."), block("r2", "Jump", { groupId: "More" })],
          More: [said("o1", "Anything else?"), leading("o2", { Yes: "to-menu", No: "to-bye" })],
          Else: [
            said("e1", "Ask away:"),
            input("e2", "text", "Question"),
            said("e3", 'We look into "{{Question}}".'),
            block("e4", "Jump", { groupId: "Bye" }),
          ],
          Bye: [said("b1", "Bye!")],
        },
        [
          ["to-prices", "Prices"],
          ["to-delivery", "Delivery"],
          ["to-returns", "Returns"],
          ["to-else", "Else"],
          ["to-menu", "Menu"],
          ["to-bye", "Bye"],
        ],
        ["Question"],
      ),
    ),
    says: ["questions", "2", "yes", "Something else", "Do you ship to Chad?"],
    hears: [
      "> questions",
      "What about?\nlist (Choose): Prices | Delivery | Returns | Something else",
      "> 2",
      "Within two days.",
      "Anything else?\nbuttons: Yes | No",
      "> yes",
      "What about?\nlist (Choose): Prices | Delivery | Returns | Something else",
      "> Something else",
      "Ask away:",
      "> Do you ship to Chad?",
      'We look into "Do you ship to Chad?".',
      "Bye!",
    ],
  },
  "a booking": {
    source: named(
      "Table",
      bot(
        {
          Book: [
            said("b1", "For how many?"),
            input("b2", "number", "Guests", { min: 1, max: 8 }),
            said("b3", "On which day?"),
            input("b4", "date", "Day"),
            said("b5", "At what time?"),
            input("b6", "time", "Time"),
            said("b7", "Your number?"),
            input("b8", "phone number", "Phone", { retryMessageContent: "With the country's code, please." }),
            said("b9", "{{Guests}} on {{Day}} at {{Time}}; we may call {{Phone}}."),
            block("b10", "Redirect", { url: "https://table.example/menu" }),
          ],
        },
        [],
        ["Guests", "Day", "Time", "Phone"],
      ),
    ),
    says: ["table", "9", "4", "Friday", "8 pm", "12", "+1 415 555 0123"],
    hears: [
      "> table",
      "For how many?",
      "> 9",
      "That does not look right. Please try again.",
      "> 4",
      "On which day?",
      "> Friday",
      "At what time?",
      "> 8 pm",
      "Your number?",
      "> 12",
      "With the country's code, please.",
      "> +1 415 555 0123",
      "4 on Friday at 8 pm; we may call +14155550123.",
      "https://table.example/menu",
    ],
  },
  "an onboarding": {
    source: named(
      "Start here",
      bot(
        {
          Who: [
            said("w1", "Who are you?"),
            {
              id: "w2",
              type: "picture choice input",
              items: [
                {
                  id: "a",
                  title: "A painter",
                  pictureSrc: "https://art.example/painter.png",
                  description: "with brushes",
                },
                { id: "b", title: "A sculptor", pictureSrc: "https://art.example/sculptor.png" },
              ],
              ...saves("Who"),
            },
            said("w3", "Show me a work of yours."),
            input("w4", "file", "Work"),
            said("w5", "Where can I see more?"),
            input("w6", "url", "Page"),
            {
              id: "w7",
              type: "video",
              content: { type: "youtube", id: "abc", url: "https://www.youtube.com/watch?v=abc" },
            },
            { id: "w8", type: "audio", content: { url: "https://art.example/welcome.mp3" } },
            says("w9", {
              type: "ul",
              children: [{ type: "li", children: [{ type: "lic", children: [{ text: "{{Who}}" }] }] }],
            }),
          ],
        },
        [],
        ["Who", "Work", "Page"],
      ),
    ),
    says: ["start here", "a painter", "https://art.example/1.png", "none", "art.example/ada"],
    hears: [
      "> start here",
      "<https://art.example/painter.png>\nA painter",
      "<https://art.example/sculptor.png>\nA sculptor",
      "Who are you?\nbuttons: A painter | A sculptor",
      "> a painter",
      "Show me a work of yours.",
      "> https://art.example/1.png",
      "Where can I see more?",
      "> none",
      "That does not look right. Please try again.",
      "> art.example/ada",
      "https://www.youtube.com/watch?v=abc",
      "<https://art.example/welcome.mp3>",
      "- A painter",
    ],
  },
  "an order's status": {
    source: named(
      "Parcel",
      bot(
        {
          Ask: [
            said("a1", "Your number?"),
            input("a2", "text", "Number"),
            block("a3", "Webhook", {
              isCustomBody: true,
              webhook: {
                method: "GET",
                url: "https://shop.example/orders/{{Number}}",
                queryParams: [{ id: "q", key: "lang", value: "en" }],
              },
              responseVariableMapping: [
                { id: "1", variableId: "v-State", bodyPath: "data.state" },
                { id: "2", variableId: "v-Items", bodyPath: "data.items.flatMap(item => item.name)" },
              ],
            }),
            condition("a4", [test("t", "State", "Is empty", "", "to-none")]),
            set("a5", "Line", "({{Number}} + ': ').toUpperCase() + {{State}}"),
            said("a6", "{{Line}}"),
          ],
          None: [said("n1", "No order {{Number}}."), block("n2", "Jump", { groupId: "Ask" })],
        },
        [["to-none", "None"]],
        ["Number", "State", "Items", "Line"],
      ),
    ),
    says: ["parcel", "404", "17"],
    hears: ["> parcel", "Your number?", "> 404", "No order 404.", "Your number?", "> 17", "17: sent"],
  },
  "a price": {
    source: named(
      "Insurance",
      bot(
        {
          Dog: [
            set("d1", "Price", "10"),
            said("d2", "Its name?"),
            input("d3", "text", "Dog"),
            said("d4", "Is {{Dog}} large?"),
            leading("d5", { Yes: "to-large", No: "to-age" }, saves("Large")),
          ],
          Large: [set("l1", "Price", "{{Price}} * 2", { outgoingEdgeId: "to-age" })],
          Age: [
            said("g1", "How old?"),
            input("g2", "number", "Age", { min: 0 }),
            set("g3", "Price", "{{Age}} > 10 ? {{Price}} + 7.5 : {{Price}}"),
            condition("g4", [
              {
                id: "g5",
                outgoingEdgeId: "to-both",
                content: {
                  logicalOperator: "OR",
                  comparisons: [
                    { id: "x", variableId: "v-Large", comparisonOperator: "Equal to", value: "Yes" },
                    { id: "y", variableId: "v-Dog", comparisonOperator: "Starts with", value: "wolf" },
                  ],
                },
              },
            ]),
            said("g6", "{{Price}} a month for {{Dog}}."),
          ],
          Both: [said("b1", "{{Price}} a month, and a muzzle, for {{Dog}}.")],
        },
        [
          ["to-large", "Large"],
          ["to-age", "Age"],
          ["to-both", "Both"],
        ],
        ["Price", "Dog", "Large", "Age"],
      ),
    ),
    says: ["insurance", "Wolfgang", "No", "12"],
    hears: [
      "> insurance",
      "Its name?",
      "> Wolfgang",
      "Is Wolfgang large?\nbuttons: Yes | No",
      "> No",
      "How old?",
      "> 12",
      "17.5 a month, and a muzzle, for Wolfgang.",
    ],
  },
};
