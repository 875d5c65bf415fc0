import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { argsOf, commandKeys, MAX_COMMAND_LENGTH, normalizeCommand } from "../../src/triggers/command.ts";

const starts = (text: string, command: string) => commandKeys(text).includes(normalizeCommand(command));

describe("a message starts with a command", () => {
  it.each([
    ["!test", "!test"],
    ["!TEST foo", "!test"],
    ["  !test\nfoo", "!test"],
    ["!test, please", "!test"],
    ["Help?!", "help"],
    ["HELP? now", "help?"],
    ["say   hello  world", "say hello"],
    ["ПОМОЩЬ мне", "помощь"],
    ["ÅNGSTRÖM", "a\u030Angstro\u0308m"],
    ["👍 done", "👍"],
    ["?", "?"],
  ])("%j: %j", (text, command) => expect(starts(text, command)).toBe(true));
});

describe("a message does not start with a command", () => {
  it.each([
    ["!testing", "!test"],
    ["!test-run", "!test"],
    ["help.example.com is up", "help"],
    ["please !test", "!test"],
    ["!", "!test"],
    ["", "!test"],
    ["say hello", "say hello world"],
  ])("%j: %j", (text, command) => expect(starts(text, command)).toBe(false));
});

it("the arguments are what follows, as it was written", () => {
  expect(argsOf("!test foo  Bar ", "!TEST")).toBe("foo  Bar");
  expect(argsOf("  Say  Hello, World", "say hello")).toBe("World");
  expect(argsOf("!test", "!test")).toBe("");
  expect(argsOf("!testing", "!test")).toBeUndefined();
});

it("keys are few and short for any text, and any leading words are among them", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2_000, unit: "binary" }), (text) => {
      const keys = commandKeys(text);
      expect(keys.length).toBeLessThanOrEqual(MAX_COMMAND_LENGTH);
      expect(keys.every((key) => key.length <= MAX_COMMAND_LENGTH && key !== "")).toBe(true);
    }),
  );
  const word = fc.stringMatching(/^[a-z!]{1,8}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.array(word), (command, rest) => {
      const text = [...command.map((part) => part.toUpperCase()), ...rest].join(" ");
      expect(starts(text, command.join("  "))).toBe(true);
      expect(argsOf(text, command.join(" "))).toBe(rest.join(" "));
    }),
  );
});

it("a huge message costs little", () => {
  expect(commandKeys("!".repeat(1_000_000)).length).toBe(MAX_COMMAND_LENGTH);
  expect(commandKeys(" a".repeat(500_000)).length).toBeLessThanOrEqual(MAX_COMMAND_LENGTH);
});
