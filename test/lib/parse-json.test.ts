import { describe, expect, it } from "vitest";
import { MAX_JSON_DEPTH, MAX_JSON_VALUES, parseJson } from "../../src/lib/parse-json.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const nested = (depth: number) => bytes("[".repeat(depth) + "]".repeat(depth));

describe("parseJson", () => {
  it("reads JSON, with or without a byte order mark", () => {
    expect(parseJson(bytes('{"a":[1,null,"سلام"]}'))).toEqual({ ok: true, value: { a: [1, null, "سلام"] } });
    expect(parseJson(bytes('\uFEFF{"a":1}'))).toEqual({ ok: true, value: { a: 1 } });
  });

  it("tells broken UTF-8 from broken JSON", () => {
    expect(parseJson(new Uint8Array([0x22, 0xc3, 0x28, 0x22]))).toMatchObject({
      error: { message: expect.stringMatching(/UTF-8/) },
    });
    expect(parseJson(bytes("{'a':1}"))).toMatchObject({ error: { message: expect.stringMatching(/JSON/) } });
  });

  it("bounds depth and the number of values", () => {
    expect(parseJson(nested(MAX_JSON_DEPTH)).ok).toBe(true);
    expect(parseJson(nested(MAX_JSON_DEPTH + 1))).toMatchObject({
      error: { message: expect.stringMatching(/deeper/) },
    });
    expect(parseJson(nested(300_000))).toMatchObject({ error: { message: expect.stringMatching(/deeper/) } });
    expect(parseJson(bytes(`[${"1,".repeat(MAX_JSON_VALUES)}1]`))).toMatchObject({
      error: { message: expect.stringMatching(/values/) },
    });
  });

  it("refuses a number that no double holds, wherever it is", () => {
    expect(parseJson(bytes('{"a":[1,{"b":-1e999}]}'))).toMatchObject({ error: { path: "a.1.b" } });
    expect(parseJson(bytes("1e999")).ok).toBe(false);
    expect(parseJson(bytes("1.7e308")).ok).toBe(true);
  });

  it("names the path of a key that could reach a prototype, when asked to", () => {
    const body = bytes('{"nodes":{"n":[{"__proto__":{"admin":true}}]}}');
    expect(parseJson(body, { keys: "safe" })).toMatchObject({ error: { path: "nodes.n.0.__proto__" } });
    expect(parseJson(body, { keys: "names" }).ok).toBe(false);
    const plain = parseJson(body);
    expect(plain.ok).toBe(true);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it("lets control characters into keys where they are data, and not where they are names", () => {
    const body = bytes('{"a":[{"b\\u0085":1}]}');
    expect(parseJson(body, { keys: "safe" }).ok).toBe(true);
    expect(parseJson(body, { keys: "names" })).toMatchObject({ error: { path: "a.0.b\u0085" } });
    expect(parseJson(bytes('{"naïve 名 🙂":1}'), { keys: "names" }).ok).toBe(true);
  });
});
