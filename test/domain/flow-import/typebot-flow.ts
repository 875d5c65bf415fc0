// A Typebot export of version 6 as its editor writes it, made for these tests: a bot that books a bicycle.
import type { JsonObject } from "../../../src/lib/json.ts";

export const paragraph = (...children: JsonObject[]): JsonObject => ({ type: "p", children });

export const says = (id: string, ...richText: JsonObject[]): JsonObject => ({
  id,
  type: "text",
  content: { richText },
});

export const said = (id: string, text: string): JsonObject => says(id, paragraph({ text }));

export const block = (id: string, type: string, options: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  id,
  type,
  options,
  ...more,
});

export const choice = (id: string, titles: string[], more: JsonObject = {}): JsonObject => ({
  id,
  type: "choice input",
  items: titles.map((content, index) => ({ id: `${id}-${index + 1}`, content })),
  ...more,
});

/** Groups in a row; `edges` are `[id, group, block?]`. The bot starts at the first group. */
export const bot = (
  groups: Record<string, JsonObject[]>,
  edges: string[][] = [],
  variables: string[] = [],
): JsonObject => ({
  version: "6.1",
  id: "bot",
  name: "Bicycles",
  events: [{ id: "event", type: "start", outgoingEdgeId: "first", graphCoordinates: { x: -10, y: 5 } }],
  groups: Object.entries(groups).map(([title, blocks], index) => ({
    id: title,
    title,
    graphCoordinates: { x: 300 * index, y: 40 },
    blocks,
  })),
  edges: [["first", Object.keys(groups)[0]!], ...edges].map(([id, groupId, blockId]) => ({
    id: id!,
    from: { blockId: "anything" },
    to: { groupId: groupId!, ...(blockId !== undefined && { blockId }) },
  })),
  variables: variables.map((name) => ({ id: `v-${name}`, name })),
  settings: {},
  theme: {},
});

export const bicycles = bot(
  {
    Welcome: [
      says(
        "w1",
        paragraph(
          { text: "Hello from " },
          { bold: true, text: "Pedal " },
          { italic: true, text: "and" },
          { text: " Co" },
        ),
        paragraph({ type: "a", url: "https://pedal.example", children: [{ text: "our page" }] }),
      ),
      { id: "w2", type: "image", content: { url: "https://pedal.example/shop.jpg" } },
      said("w3", "What is your name?"),
      block("w4", "text input", { variableId: "v-First name" }, { outgoingEdgeId: "to-kind" }),
    ],
    Kind: [
      said("k1", "Which bicycle, {{First name}}?"),
      choice("k2", ["City", "Mountain"], { options: { variableId: "v-Kind" }, outgoingEdgeId: "to-days" }),
    ],
    Days: [
      said("d1", "For how many days?"),
      block("d2", "number input", { variableId: "v-Days", min: 1, max: "14" }),
      {
        id: "d3",
        type: "Condition",
        outgoingEdgeId: "to-bye",
        items: [
          {
            id: "d3-1",
            outgoingEdgeId: "to-long",
            content: {
              comparisons: [
                { id: "c1", variableId: "v-Days", comparisonOperator: "Greater or equal to", value: "7" },
                { id: "c2", variableId: "v-Kind", comparisonOperator: "Equal to", value: "City" },
              ],
            },
          },
        ],
      },
    ],
    Long: [
      said("l1", "A week or more: a lock comes with it."),
      block("l2", "Wait", { secondsToWaitFor: "120" }),
      block("l3", "Jump", { groupId: "Bye" }),
    ],
    Bye: [said("b1", "{{Days}} days, {{Kind}}. Bye!"), block("b2", "Redirect", { url: "https://pedal.example/terms" })],
  },
  [
    ["to-kind", "Kind"],
    ["to-days", "Days"],
    ["to-long", "Long"],
    ["to-bye", "Bye"],
  ],
  ["First name", "Kind", "Days"],
);
