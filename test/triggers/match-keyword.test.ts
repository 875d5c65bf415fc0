import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keywordKey, matchKeyword, messageKeys } from "../../src/triggers/match-keyword.ts";

const keywords = ["hi", "book", "book a table", "Straße", "C++", "你好", "👍", "!help", "été"].map((keyword) => ({
  keyword,
  of: keyword,
}));
const said = (message: string) => matchKeyword(message, keywords)?.of;

describe("matchKeyword", () => {
  it.each([
    ["hi", "hi"],
    ["  HI ", "hi"],
    ["oh hi!", "hi"],
    ["I want to Book", "book"],
    ["can I book a table, please", "book a table"],
    ["book  a\ntable", "book a table"],
    ["STRASSE", "Straße"],
    ["I like c++ a lot", "C++"],
    ["请问你好吗", "你好"],
    ["ok 👍👍", "👍"],
    ["ÉTÉ", "été"],
    ["say !help now", "!help"],
    ["hi, I book", "book"],
  ])("%j says %j", (message, keyword) => expect(said(message)).toBe(keyword));

  it.each(["", "   ", "this", "hint", "booking", "books", "étés", "_hi_", "hi5", "help"])("%j says none", (message) =>
    expect(said(message)).toBeUndefined(),
  );

  it("the whole message goes before the longest word, the longest before others, the first of equals", () => {
    const two = [
      { keyword: "a table", of: 1 },
      { keyword: "TABLE", of: 2 },
      { keyword: "table", of: 3 },
    ];
    expect(matchKeyword("table", two)?.of).toBe(2);
    expect(matchKeyword("want a table", two)?.of).toBe(1);
    expect(matchKeyword("the table", two)?.of).toBe(2);
  });

  it("longer messages than any person writes say nothing, quickly", () => {
    expect(said(`hi ${"a".repeat(10_000)}`)).toBeUndefined();
    const many = Array.from({ length: 1_000 }, (_, n) => ({ keyword: `${"a".repeat(50)}${n}`, of: n }));
    const before = performance.now();
    expect(matchKeyword("a".repeat(4_000), many)).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it("what says a keyword is found by the keyword's key, in every script", () => {
    const words = fc.string({ unit: fc.constantFrom(..."aAbBéÉ ßS1!.👍你好กำ+"), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(words, fc.array(words, { maxLength: 5 }), fc.boolean(), (keyword, around, isIn) => {
        fc.pre(keyword.trim() !== "");
        const message = [...around, ...(isIn ? [keyword.toUpperCase()] : [])].join(" ");
        if (matchKeyword(message, [{ keyword, of: 1 }])) expect(messageKeys(message)).toContain(keywordKey(keyword));
        if (isIn && around.every((word) => word.trim() === ""))
          expect(matchKeyword(message, [{ keyword, of: 1 }])).toBeDefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it("is looked up by its longest part, and a message by few", () => {
    expect(keywordKey(" book a Table ")).toBe("TABLE");
    expect(keywordKey("预约")).toBe("预约");
    expect(keywordKey("約")).toBe("約");
    expect(keywordKey("👍")).toBe("👍");
    expect(messageKeys("Book, book a table!")).toEqual(["BOOK", ",", "A", "TABLE", "!"]);
    expect(messageKeys("我要预约")).toEqual(["我", "要", "我要", "预", "要预", "约", "预约"]);
    expect(messageKeys("x".repeat(10_001))).toEqual([]);
  });
});
