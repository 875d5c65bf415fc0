import { expect, it } from "vitest";
import { wordsOfPattern } from "../../../src/domain/flow-import/pattern.ts";

it.each<[string, string[] | undefined, boolean?]>([
  ["yes", ["yes"], false],
  ["/yes/i", ["yes"], false],
  ["^yes$", ["yes"], true],
  ["^(yes|oh yes)$", ["yes", "oh yes"], true],
  ["(?:yes|no)", ["yes", "no"], false],
  ["\\byes\\b", ["yes"], false],
  [".*yes.*", ["yes"], false],
  ["yes|no", ["yes", "no"], false],
  // The anchors belong to one alternative each.
  ["^yes|no$", undefined],
  ["^yes", ["yes"], false],
  ["ye+s", undefined],
  ["[a-z]+", undefined],
  ["^\\d+$", undefined],
  ["(a|b)(c|d)", undefined],
  ["", undefined],
])("%j", (pattern, words, whole) => expect(wordsOfPattern(pattern)).toEqual(words && { words, whole }));
