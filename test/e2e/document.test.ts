import { describe, expect, it } from "vitest";
import { holds, jsonIn, runSteps, stepsOf } from "./document.ts";

const FENCE = "```";
const markdown = [
  "<!-- tested -->",
  `${FENCE}bash`,
  "NAME=Ada",
  FENCE,
  "and then",
  "<!-- tested -->",
  `${FENCE}bash`,
  `printf '{"name": "%s", "n": 1}' "$NAME"`,
  FENCE,
  "",
  `${FENCE}json`,
  '{ "name": "Ada" }',
  FENCE,
  `${FENCE}bash`,
  "exit 7",
  FENCE,
].join("\n");

describe("a document's steps", () => {
  it("are its marked blocks, with the answer that is shown below", () => {
    expect(stepsOf(markdown)).toEqual([
      { commands: "NAME=Ada\n", expected: undefined },
      { commands: `printf '{"name": "%s", "n": 1}' "$NAME"\n`, expected: { name: "Ada" } },
    ]);
  });

  it("run in one shell, each with its own output", async () => {
    const steps = stepsOf(markdown);
    const [first, second] = await runSteps(steps, {});
    expect([first, second?.trim()]).toEqual(["", '{"name": "Ada", "n": 1}']);
    expect(jsonIn(second!).some((found) => holds(found, steps[1]!.expected!))).toBe(true);
  });

  it("end with the one that fails", async () => {
    const steps = ["true", "false", "true"].map((commands) => ({ commands, expected: undefined }));
    await expect(runSteps(steps, {})).rejects.toThrow("step 2 ended with 1");
  });
});

describe("an answer holds what is shown", () => {
  it.each([
    [{ a: 1, b: 2 }, { a: 1 }, true],
    [{ a: { b: [1, { c: 2, d: 3 }] } }, { a: { b: [1, { c: 2 }] } }, true],
    [{ a: 1 }, { a: "1" }, false],
    [{ a: [1, 2] }, { a: [1] }, false],
    [{}, { a: null }, false],
    [[1], { 0: 1 }, false],
    [null, {}, false],
  ])("%j has %j: %s", (found, expected, answer) => {
    expect(holds(found, expected)).toBe(answer);
  });
});
