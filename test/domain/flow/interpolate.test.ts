import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conditionOn, literalOf, mentionsIn, templateOf, variableOf } from "../../../src/domain/flow/interpolate.ts";
import { checkCondition, evaluateCondition } from "../../../src/engine/expression/condition.ts";
import { parseTemplate, renderTemplate } from "../../../src/engine/expression/template.ts";
import { type JsonObject, pathOf } from "../../../src/lib/json.ts";

const render = (template: string, data: JsonObject) => {
  const parsed = parseTemplate(template);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const rendered = renderTemplate(parsed.value, (path) => pathOf(data, path), { now: 0 });
  if (!rendered.ok) throw new Error(rendered.error.message);
  return rendered.value;
};
const said = (text: string, data: JsonObject = {}) => render(templateOf(text), data);

const data = {
  variables: { name: "Ada", n: 4, no: false, evil: "{{ variables.n }} @name", ünit: "u" },
  contact: { name: "Ada L.", phone: "+1", attributes: { name: "old", city: "Kyiv", nothing: null } },
};

describe("@name", () => {
  it.each([
    ["Hi @name!", "Hi Ada!"],
    ["@name", "Ada"],
    ["@name@city", "Ada@city"],
    ["(@name),@city.", "(Ada),Kyiv."],
    ["@n people, @no", "4 people, false"],
    ["from the contact: @phone", "from the contact: +1"],
    ["@names @nam @Name", "@names @nam @Name"],
    ["me@name.com @@name é@name", "me@name.com @@name é@name"],
    ["@nothing @unknown @ @1", "@nothing @unknown @ @1"],
    ["@ünit", "u"],
    ["one pass: @evil", "one pass: {{ variables.n }} @name"],
    ["{{ variables.n }} {% if %} {# {@name}", "{{ variables.n }} {% if %} {# {Ada}"],
    ["{{{@name}}} {", "{{{Ada}}} {"],
    ["@__proto__ @constructor", "@__proto__ @constructor"],
  ])("%j is %j", (text, expected) => expect(said(text, data)).toBe(expected));

  it("leaves a text without mentions as it is", () => {
    expect(templateOf("a { b } me@example.com")).toBe("a { b } me@example.com");
    expect(mentionsIn("@a @b @a x@c")).toEqual(["a", "b"]);
  });

  it("with nobody known any text stays itself", () => {
    const texts = fc.string({ unit: fc.constantFrom(..."{}%@#-\"'\\ab_ 1é👩\n"), maxLength: 40 });
    fc.assert(
      fc.property(texts, (text) => {
        expect(said(text)).toBe(text);
        expect(render(literalOf(text), {})).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is what replacing whole words once would give", () => {
    const values = fc.dictionary(
      fc.constantFrom("a", "ab", "b_1"),
      fc.string({ unit: fc.constantFrom(..."@ab{}% _1") }),
    );
    const texts = fc.string({ unit: fc.constantFrom("@", "a", "b", "_1", " ", "{", "}", "%", "."), maxLength: 30 });
    fc.assert(
      fc.property(values, values, texts, (variables, attributes, text) => {
        const known: Record<string, string> = { ...attributes, ...variables };
        const words = text.replace(/(?<![\w@])@([A-Za-z_]\w*)/g, (all, name) =>
          Object.hasOwn(known, name) ? known[name]! : all,
        );
        expect(said(text, { variables, contact: { attributes } })).toBe(words);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("conditionOn", () => {
  it("reads the same place as a text does, and is a tree that may be saved", () => {
    const values = fc.option(fc.constantFrom("x", "y", 5), { nil: undefined });
    fc.assert(
      fc.property(values, values, values, fc.constantFrom("equals", "not_equals"), (own, saved, field, operator) => {
        const world = JSON.parse(
          JSON.stringify({ variables: { v: own }, contact: { v: field, attributes: { v: saved } } }),
        );
        const tree = conditionOn("v", { operator, value: "x" });
        expect(checkCondition(tree, { roots: ["variables", "contact"] }).ok).toBe(true);
        const first = own ?? saved ?? field;
        const { matched } = evaluateCondition(tree, (path) => pathOf(world, path), { now: 0 });
        expect(matched).toBe((first === "x") === (operator === "equals"));
      }),
    );
  });
});

it.each([
  ["@name", "name"],
  [" name ", "name"],
  ["@first name", undefined],
  ["@1", undefined],
  ["", undefined],
  ["@", undefined],
  ["@имя", undefined],
])("an answer saved as %j is %j", (text, name) => expect(variableOf(text)).toBe(name));
