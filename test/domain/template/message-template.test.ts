import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderMessage, variablesOf } from "../../../src/domain/template/message-template.ts";

describe("a message template", () => {
  it("names its variables in order, once each", () => {
    expect(variablesOf("Hi {name}! Welcome to {company}. Your account in {city} is ready, {name}!")).toEqual([
      "name",
      "company",
      "city",
    ]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a dollar sign before a variable, as prices have.
    expect(variablesOf("Order #{order_id} for ${total_amount}")).toEqual(["order_id", "total_amount"]);
    expect(variablesOf('{} { x } {"a": 1} {1x}')).toEqual([]);
  });
  it("fills them in, and says which are missing", () => {
    expect(renderMessage("Hi {name}, {n}!", { name: "Ada", n: 3 })).toEqual({ ok: true, value: "Hi Ada, 3!" });
    expect(renderMessage("{a}{b}{a}", { b: "x" })).toEqual({ ok: false, error: { missing: ["a"] } });
    expect(renderMessage("Hi {name|there}{gone|}!", {})).toEqual({ ok: true, value: "Hi there!" });
    expect(renderMessage("Hi {name|there}!", { name: "" })).toEqual({ ok: true, value: "Hi there!" });
    expect(renderMessage("{tags}", { tags: ["a"] })).toEqual({ ok: false, error: { missing: ["tags"] } });
  });
  it("renders in one pass, own properties only", () => {
    expect(renderMessage("{a}", { a: "{b} {{ c }}", b: "no" })).toEqual({ ok: true, value: "{b} {{ c }}" });
    for (const name of ["constructor", "__proto__", "toString"]) expect(renderMessage(`{${name}}`, {}).ok).toBe(false);
  });
  it("leaves a text without variables as it is, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(variablesOf(text).length === 0);
        expect(renderMessage(text, {})).toEqual({ ok: true, value: text });
      }),
    );
  });
});
