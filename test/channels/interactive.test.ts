// MESSAGING "WhatsApp": each limit at its edge.
import { describe, expect, it } from "vitest";
import type { Interactive } from "../../src/channels/channel.ts";
import { interactiveProblems, numberedText } from "../../src/channels/interactive.ts";

const buttons = (count: number, more: object = {}): Interactive => ({
  kind: "buttons",
  buttons: Array.from({ length: count }, (_, n) => ({ id: `b${n}`, title: `B${n}`, ...more })),
});
const rows = (count: number, more: (n: number) => object = () => ({})): Interactive => ({
  kind: "list",
  button: "Choose",
  rows: Array.from({ length: count }, (_, n) => ({ id: `r${n}`, title: `R${n}`, ...more(n) })),
});
const paths = (interactive: Interactive, text = "Body") =>
  interactiveProblems(interactive, text).map(({ path }) => path);

describe("WhatsApp's limits", () => {
  it.each([
    ["3 buttons", buttons(3), buttons(4), "buttons"],
    ["a title of 20", buttons(1, { title: "x".repeat(20) }), buttons(1, { title: "x".repeat(21) }), "buttons.0.title"],
    ["an id of 256", buttons(1, { id: "x".repeat(256) }), buttons(1, { id: "x".repeat(257) }), "buttons.0.id"],
    ["10 rows", rows(10), rows(11), "rows"],
    [
      "a row's title of 24",
      rows(1, () => ({ title: "x".repeat(24) })),
      rows(1, () => ({ title: "x".repeat(25) })),
      "rows.0.title",
    ],
    [
      "a description of 72",
      rows(1, () => ({ description: "x".repeat(72) })),
      rows(1, () => ({ description: "x".repeat(73) })),
      "rows.0.description",
    ],
    [
      "a row's id of 200",
      rows(1, () => ({ id: "x".repeat(200) })),
      rows(1, () => ({ id: "x".repeat(201) })),
      "rows.0.id",
    ],
    ["a header of 60", { ...buttons(1), header: "x".repeat(60) }, { ...buttons(1), header: "x".repeat(61) }, "header"],
    ["a footer of 60", { ...buttons(1), footer: "x".repeat(60) }, { ...buttons(1), footer: "x".repeat(61) }, "footer"],
    ["ids that differ", rows(2), rows(2, () => ({ id: "same" })), "rows.1.id"],
    ["10 sections", rows(10, (n) => ({ section: `s${n}` })), rows(2, (n) => (n === 0 ? { section: "s" } : {})), "rows"],
  ] as [string, Interactive, Interactive, string][])("%s", (_, fits, not, path) => {
    expect(paths(fits)).toEqual([]);
    expect(paths(not)).toContain(path);
  });
  it("a body of 1,024 characters, none of them lost to surrogates", () => {
    expect(paths(buttons(1), "👋".repeat(1_024))).toEqual([]);
    expect(paths(buttons(1), "x".repeat(1_025))).toEqual(["text"]);
    expect(paths(buttons(1), "")).toEqual(["text"]);
  });
});

it("elsewhere it is a numbered list", () => {
  expect(numberedText("Tea?", { ...buttons(2), header: "Menu", footer: "Free" })).toBe(
    "Menu\n\nTea?\n\n1. B0\n2. B1\n\nFree",
  );
  expect(
    numberedText(
      "What?",
      rows(2, (n) => (n === 0 ? { description: "black" } : {})),
    ),
  ).toBe("What?\n\n1. R0 – black\n2. R1");
});
