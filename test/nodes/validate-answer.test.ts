import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AnswerRule, validateAnswer } from "../../src/nodes/validate-answer.ts";

const judge = (text: string, rule: AnswerRule, media: string[] = [], from?: string) => {
  const judged = validateAnswer({ text, media, from }, rule);
  return judged.ok ? judged.value : undefined;
};

describe("a number", () => {
  const rule: AnswerRule = { type: "number", min: 1, max: 20 };
  it.each([
    ["4", 4],
    [" 20 ", 20],
    ["1", 1],
    ["2.5", 2.5],
    ["+7", 7],
    ["007", 7],
    ["１２", 12],
    ["۱۲", 12],
    ["٢٫٥", 2.5],
    ["१९", 19],
  ])("%j is %j", (text, value) => expect(judge(text, rule)).toBe(value));

  it.each(["0", "21", "-3", "four", "4 people", "1e1", "0x4", "", "1,5", "1.", "NaN", "Infinity", "9".repeat(400)])(
    "%j is none",
    (text) => expect(judge(text, rule)).toBeUndefined(),
  );

  it("is read in any script's digits, by its pattern too", () => {
    expect(judge("۱۲۳۴", { type: "number", pattern: "^[0-9]{4}$" })).toBe(1234);
    expect(judge("۲۱", rule)).toBeUndefined();
    expect(judge("12\u{116E3}", { type: "number" })).toBe(129);
  });

  it("keeps digits that a number would lose", () => {
    expect(judge("12345678901234567890", { type: "number" })).toBe("12345678901234567890");
    expect(judge("123456789012345", { type: "number" })).toBe(123_456_789_012_345);
  });
});

describe("a text", () => {
  it("is measured in characters, without what is around it", () => {
    const rule: AnswerRule = { type: "text", min: 2, max: 4 };
    expect(judge("  Ada ", rule)).toBe("Ada");
    expect(judge("👩👩👩👩", rule)).toBe("👩👩👩👩");
    expect(judge("A", rule)).toBeUndefined();
    expect(judge("Augusta", rule)).toBeUndefined();
    expect(judge("   ", rule)).toBeUndefined();
  });

  it("is of the form that is asked for, found anywhere unless it is anchored", () => {
    expect(judge("my code is AB12", { type: "text", pattern: "[A-Z]{2}\\d{2}" })).toBe("my code is AB12");
    expect(judge("my code is AB12", { type: "text", pattern: "^[A-Z]{2}\\d{2}$" })).toBeUndefined();
    expect(judge("x", { type: "none", pattern: "y" })).toBeUndefined();
  });
});

describe("an e-mail address", () => {
  it.each(["ada@example.com", "a.b+c@sub.example.co.uk", "ada@exämple.de", " ada@example.com "])("%j is one", (text) =>
    expect(judge(text, { type: "email" })).toBe(text.trim()),
  );
  it.each([
    ...["ada", "ada@", "@example.com", "ada@example", "ada@@example.com", "ada@example..com", "a b@example.com"],
    ...[
      "ada@-example.com",
      ".ada@example.com",
      "ada@example.c",
      "ada@1.2.3.4",
      "a@b.com, c@d.com",
      `${"a".repeat(65)}@b.com`,
    ],
  ])("%j is none", (text) => expect(judge(text, { type: "email" })).toBeUndefined());
});

describe("a phone number", () => {
  it("is E.164 in the end, of the person's own country unless it says another", () => {
    expect(judge("+1 (415) 555-2671", { type: "phone" })).toBe("+14155552671");
    expect(judge("030 901820", { type: "phone" }, [], "+4915123456789")).toBe("+4930901820");
    expect(judge("+44 20 7946 0018", { type: "phone" }, [], "+4915123456789")).toBe("+442079460018");
    expect(judge("۰۹۱۲ ۳۴۵ ۶۷۸۹", { type: "phone" }, [], "+989351234567")).toBe("+989123456789");
  });
  it.each(["415 555 2671", "12", "call me at +14155552671", "+1415555267", "+999123456789", "0".repeat(500)])(
    "%j is none",
    (text) => expect(judge(text, { type: "phone" })).toBeUndefined(),
  );
});

describe("media", () => {
  const media = ["https://example.com/passport.jpg"];
  it("are an answer only where they are accepted, whatever the type", () => {
    expect(judge("", { type: "number", acceptsMedia: true }, media)).toBe(media[0]);
    expect(judge("look", { type: "none", acceptsMedia: true }, media)).toBe(media[0]);
    expect(judge("", { type: "none" }, media)).toBeUndefined();
    expect(judge("look", { type: "none" }, media)).toBe("look");
    expect(judge("5", { type: "number", acceptsMedia: true })).toBe(5);
  });
});

it("any text has an answer in bounded time", () => {
  const patterns = ["(a+)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y"];
  const long = `${"a".repeat(4_000)}!`;
  const before = performance.now();
  for (const pattern of patterns) expect(judge(long, { type: "text", pattern })).toBeUndefined();
  for (const type of ["number", "email", "phone"] as const) expect(judge(long, { type })).toBeUndefined();
  expect(performance.now() - before).toBeLessThan(2_000);
});

it("is total, and a value judged again is itself", () => {
  const rules = fc.record({
    type: fc.constantFrom("none", "number", "text", "email", "phone"),
    min: fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined }),
    max: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }),
  }) as fc.Arbitrary<AnswerRule>;
  const texts = fc.oneof(fc.string({ unit: "grapheme" }), fc.emailAddress(), fc.integer().map(String));
  fc.assert(
    fc.property(rules, texts, (rule, text) => {
      const value = judge(text, rule);
      if (value !== undefined) expect(judge(String(value), rule)).toEqual(value);
    }),
    { numRuns: 500 },
  );
});
