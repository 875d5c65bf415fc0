import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileValue, MAX_RENDERED_LENGTH, referencesOf, renderValue } from "../../../src/engine/expression/value.ts";
import type { Json } from "../../../src/lib/json.ts";
import { pathOf } from "../../../src/lib/json.ts";

const compiled = (value: Json) => {
  const result = compileValue(value);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const render = (value: Json, data: Json) => renderValue(compiled(value), (path) => pathOf(data, path), { now: 0 });

describe("a configuration", () => {
  it("is rendered at any depth, typed where a template stands alone", () => {
    const config: Json = {
      url: "https://x/{{ event.data.id }}",
      body: { items: ["{{ event.data.items }}", "a{{ n }}"], n: "{{ n }}", fixed: [1, null, { a: true }] },
      "{{ n }}": "keys stay",
    };
    expect(render(config, { n: 7, event: { data: { id: "o 1", items: [1, 2] } } })).toEqual({
      ok: true,
      value: {
        url: "https://x/o 1",
        body: { items: [[1, 2], "a7"], n: 7, fixed: [1, null, { a: true }] },
        "{{ n }}": "keys stay",
      },
    });
  });

  it("shares its plain subtrees and knows when it is plain altogether", () => {
    const config = { plain: { deep: [1, 2, 3] }, text: "{{ n }}" };
    const result = render(config, { n: 1 });
    expect(result.ok && (result.value as typeof config).plain).toBe(config.plain);
    expect(compiled(config).isPlain).toBe(false);
    const plain = compiled({ a: ["b", { c: 1 }] });
    expect(plain.isPlain).toBe(true);
    expect(renderValue(plain, () => undefined, { now: 0 })).toEqual({ ok: true, value: plain.source });
  });

  it("names what it reads, once", () => {
    expect(
      referencesOf(compiled({ a: "{{ x.y }}", b: ["{{ x.y }} {{ z }}", { c: "{% if w %}{{ z }}{% endif %}" }] })),
    ).toEqual([["x", "y"], ["z"], ["w"]]);
  });

  it("tells every bad template with its path", () => {
    const result = compileValue({ a: "{{ x", b: [{ c: "ok" }, { c: "{% for i in x %}" }], d: "one\n{{ x | nope }}" });
    expect(result).toEqual({
      ok: false,
      error: [
        { path: "a", message: 'output "{{ x" not closed' },
        { path: "b.1.c", message: 'tag "for" not found' },
        { path: "d", message: "undefined filter: nope (line 2, column 1)" },
      ],
    });
  });

  it("tells where a rendering failed", () => {
    expect(render({ a: "{{ n }}", b: { c: ["x", "{{ '%zz' | url_decode }}"] } }, { n: 1 })).toEqual({
      ok: false,
      error: { path: "b.c.1", message: "URI malformed" },
    });
    expect(render("{{ '%zz' | url_decode }}", {})).toMatchObject({ ok: false, error: { path: "" } });
  });

  it("bounds all its texts together", () => {
    const config = Array.from({ length: 40 }, () => "a{{ x }}");
    expect(render(config, { x: "y".repeat(30_000) })).toMatchObject({
      ok: false,
      error: { path: String(Math.floor(MAX_RENDERED_LENGTH / 30_001)) },
    });
    expect(render(config, { x: "y".repeat(20_000) }).ok).toBe(true);
  });

  it("refuses a key that would reach a prototype, and keeps one that only looks so", () => {
    expect(compileValue(JSON.parse('{"a": {"__proto__": {"x": 1}}}'))).toMatchObject({
      ok: false,
      error: [{ path: "a.__proto__" }],
    });
    expect(render({ constructor: "{{ team }}" }, { team: "Ferrari" })).toEqual({
      ok: true,
      value: { constructor: "Ferrari" },
    });
  });

  it("of any depth is judged without overflowing", () => {
    let deep: Json = "{{ x }}";
    for (let level = 0; level < 10_000; level++) deep = level % 2 ? [deep] : { a: deep };
    const result = compileValue(deep);
    expect(result).toMatchObject({ ok: false, error: [{ message: expect.stringMatching(/deeper than 100/) }] });
  });
});

it("without templates renders to itself", () => {
  const plainText = fc.string().filter((text) => !/\{\{|\{%/.test(text));
  const plainJson = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { depthSize: "small" },
      plainText,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("json"), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter((key) => key !== "__proto__"),
        tie("json"),
        { maxKeys: 4 },
      ),
    ),
  })).json;
  fc.assert(
    fc.property(plainJson, (value) => {
      const result = renderValue(compiled(value), () => "never asked", { now: 0 });
      return result.ok && result.value === value;
    }),
  );
});
