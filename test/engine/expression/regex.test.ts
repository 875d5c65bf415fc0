import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkPattern,
  MAX_PATTERN_LENGTH,
  MAX_SUBJECT_LENGTH,
  testPattern,
} from "../../../src/engine/expression/regex.ts";

describe("a pattern", () => {
  it.each([
    ["^\\d{4}-\\d{2}$", "2024-03", true],
    ["^\\d{4}-\\d{2}$", "x2024-03", false],
    ["cou?pon", "a coupon please", true],
    ["(?i)COUPON", "coupon", true],
    ["^[\\u0600-\\u06FF\\s]+$", "سلام دنیا", true],
    ["^\\p{L}+$", "Straße", true],
    ["^.$", "😀", true],
    ["^(?<year>\\d+)$", "2024", true],
    ["", "anything", true],
    ["^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}\\.[A-Za-z]{2,}$", "ali@example.com", true],
    ["^https?:\\/\\/", "https://x", true],
  ])("%s on %s: %s", (pattern, text, expected) => {
    expect(checkPattern(pattern)).toEqual({ ok: true, value: pattern });
    expect(testPattern(pattern, text)).toBe(expected);
  });

  it.each(["[a", "(", "*", "a{2,1}", "(?=a)b", "(?!a)", "(a)\\1", "a{1001}", "\\"])(
    "%s is refused, and matches nothing",
    (pattern) => {
      expect(checkPattern(pattern)).toMatchObject({ ok: false, error: expect.stringMatching(/^Bad pattern/) });
      expect(testPattern(pattern, "ab")).toBe(false);
    },
  );

  it("is bounded in length and in what its repetitions unfold to", () => {
    expect(checkPattern("a".repeat(MAX_PATTERN_LENGTH)).ok).toBe(true);
    expect(checkPattern("a".repeat(MAX_PATTERN_LENGTH + 1)).ok).toBe(false);
    expect(checkPattern("[ab]{1000}".repeat(100))).toMatchObject({
      ok: false,
      error: expect.stringMatching(/too large/),
    });
    expect(checkPattern("((a{100}){100}){100}").ok).toBe(false);
  });

  it("is not tried on a text over the bound, whose part could match where the whole would not", () => {
    expect(testPattern("^a+$", "a".repeat(MAX_SUBJECT_LENGTH))).toBe(true);
    expect(testPattern("^a+", "a".repeat(MAX_SUBJECT_LENGTH + 1))).toBe(false);
  });

  // Each of these takes a backtracking engine longer than the test may run (2^50 steps and more), RE2 a single pass.
  it.each([
    ["(a+)+$", "a", "!"],
    ["^(a|aa)+$", "a", "!"],
    ["^(a|a?)+$", "a", "!"],
    ["(x+x+)+y", "x", ""],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", "a", ""],
    ["^(.*a){20}b$", "a", ""],
    ["^(a?){50}a{50}b", "a", ""],
    ["^(\\w+\\s?)*$", "word ", "!"],
    ["\\b(.?){300}[cd]", "a", ""],
    ["[ab]*a[ab]{900}[cd]", "ab", ""],
  ])("%s ends at once on the longest text", (pattern, unit, end) => {
    expect(checkPattern(pattern).ok).toBe(true);
    const text = unit.repeat(Math.floor((MAX_SUBJECT_LENGTH - end.length) / unit.length)) + end;
    expect(testPattern(pattern, text)).toBe(false);
  });

  it("answers the same when it has left the cache", () => {
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 200; index++) expect(testPattern(`^v${index}$`, `v${index}`)).toBe(true);
    }
  });

  it("agrees with the platform's engine where both know the syntax", () => {
    const atom = fc.constantFrom(
      "a",
      "b",
      ".",
      "[ab]",
      "[^a]",
      "\\d",
      "\\w",
      "^",
      "$",
      "\\b",
      "(a|b)",
      "(?:ab)",
      "é",
      "س",
    );
    const part = fc
      .tuple(atom, fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,3}"))
      .filter(([a, q]) => q === "" || !/^(?:\^|\$|\\b)$/.test(a));
    const pattern = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.flat().join(""));
    const text = fc
      .array(fc.constantFrom("a", "b", "1", " ", "é", "س", "\n"), { maxLength: 8 })
      .map((letters) => letters.join(""));
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        expect([source, subject, testPattern(source, subject)]).toEqual([
          source,
          subject,
          new RegExp(source, "u").test(subject),
        ]);
      }),
      { numRuns: 500 },
    );
  });
});
