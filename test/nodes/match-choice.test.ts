import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/lib/json.ts";
import { matchChoice } from "../../src/nodes/match-choice.ts";
import { enter } from "./kit.ts";

const rooms = [
  { id: "btn-1", title: "Double room" },
  { id: "btn-2", title: "2" },
  { id: "3", title: "Größe Ä" },
  { id: "btn-4", title: "Suite" },
];
const idOf = (text: string, tapped?: string) => matchChoice(rooms, { text, tapped })?.id;

describe("matchChoice", () => {
  it.each([
    ["Double room", "btn-1"],
    ["  double   ROOM ", "btn-1"],
    ["GRÖSSE Ä", "3"],
    ["1", "btn-1"],
    ["1.", "btn-1"],
    ["#4", "btn-4"],
    ["4)", "btn-4"],
    ["４", "btn-4"],
    ["۴", "btn-4"],
    ["#१.", "btn-1"],
    ["btn-4", "btn-4"],
    ["BTN-1", "btn-1"],
    // A title that is a number is that title; a number is a place in the list before it is an id.
    ["2", "btn-2"],
    ["3", "3"],
  ])("%j is %s", (text, id) => expect(idOf(text)).toBe(id));

  it.each(["", "  ", "0", "5", "12345", "double", "room", "btn", "-1", "1 2"])("%j is none", (text) =>
    expect(idOf(text)).toBeUndefined(),
  );

  it.each([
    ["yes", "y"],
    ["Yes!", "y"],
    ["no", undefined],
    ["❌ no", "n1"],
    ["5", "five"],
    ["!", undefined],
    ["✅", undefined],
  ])("adorned titles: %j is %j", (text, id) => {
    const adorned = [
      { id: "y", title: "✅ Yes" },
      { id: "n1", title: "❌ No" },
      { id: "n2", title: "🚫 No" },
      { id: "five", title: "⭐ 5" },
    ];
    expect(matchChoice(adorned, { text })?.id).toBe(id);
  });

  it("what was tapped wins over what it says; what is not among the choices is read as text", () => {
    expect(idOf("2", "btn-4")).toBe("btn-4");
    expect(idOf("Suite", "of-an-older-question")).toBe("btn-4");
    expect(idOf("?", "of-an-older-question")).toBeUndefined();
  });

  it("finds each choice by its id, by its title and by its number, where titles are no numbers", () => {
    const titles = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}( [a-z]{1,8})?$/), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(titles, fc.nat(), (words, pick) => {
        const choices = words.map((title, index) => ({ id: `row:${index}`, title }));
        const index = pick % choices.length;
        const choice = choices[index]!;
        for (const text of [choice.title.toUpperCase(), `${index + 1}`, `${index + 1}.`, choice.id.toUpperCase()])
          expect(matchChoice(choices, { text })).toBe(choice);
        expect(matchChoice(choices, { text: "?", tapped: choice.id })).toBe(choice);
      }),
    );
  });
});

describe("condition_choice", () => {
  const choices: JsonObject[] = [
    { id: "y", title: "Yes", port: "yes" },
    { id: "n", title: "No" },
  ];
  const event = (data: object) => ({ data: { event: { data }, variables: { said: "yes" } } as never });

  it("reads the message that started the run, or what it is told to", () => {
    expect(enter("condition_choice", { choices }, event({ content: "YES" }))).toEqual({
      kind: "next",
      port: "yes",
      output: { choice: "y", title: "Yes", port: "yes" },
    });
    expect(enter("condition_choice", { choices }, event({ content: "?", choice: { id: "y" } }))).toMatchObject({
      port: "yes",
    });
    const said = { choices, text: "variables.said" };
    expect(enter("condition_choice", said, event({ content: "no" }))).toMatchObject({ port: "yes" });
  });

  it("goes on by default when nothing matches, or the choice has no port", () => {
    expect(enter("condition_choice", { choices }, event({ content: "no" }))).toMatchObject({
      port: "default",
      output: { choice: "n" },
    });
    expect(enter("condition_choice", { choices }, event({}))).toMatchObject({
      port: "default",
      output: { choice: null },
    });
  });
});
