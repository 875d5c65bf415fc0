import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileFlow } from "../../../src/domain/flow/compile-flow.ts";
import { matchKeyword } from "../../../src/domain/flow/match-keyword.ts";
import type { ConditionTree } from "../../../src/engine/expression/condition.ts";
import { evaluateCondition } from "../../../src/engine/expression/condition.ts";
import { flowOf } from "./conversation.ts";

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

  it("what says a keyword passes the filter by which the flow subscribes", () => {
    const words = fc.string({ unit: fc.constantFrom(..."aAbBéÉ ßS1!.👍"), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(words, fc.array(words, { maxLength: 5 }), fc.boolean(), (keyword, around, isIn) => {
        fc.pre(keyword.trim() !== "");
        const message = [...around, ...(isIn ? [keyword.toUpperCase()] : [])].join(" ");
        const node = { id: "t", type: "trigger_keyword", isStartNode: true, triggerKeywords: [keyword] };
        const { definition } = compileFlow(flowOf({ name: "f", flowNodes: [node], flowEdges: [] }));
        const filters = definition.nodes.t!.config.filters as unknown as ConditionTree;
        const { matched } = evaluateCondition(filters, () => message, { now: 0 });
        if (matchKeyword(message, [{ keyword, of: 1 }])) expect(matched).toBe(true);
        if (isIn && around.every((word) => word.trim() === ""))
          expect(matchKeyword(message, [{ keyword, of: 1 }])).toBeDefined();
      }),
      { numRuns: 1_000 },
    );
  });
});
