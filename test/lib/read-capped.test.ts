// A body is never longer than it may be, whatever its headers say of it.
import { describe, expect, it } from "vitest";
import { readCapped } from "../../src/lib/read-capped.ts";

const answer = (text: string, headers: Record<string, string> = {}) => new Response(text, { headers });
const textOf = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

/** Fails the test when the body is gathered whole. */
const onlyRead = (response: Response) => ({
  body: response.body,
  headers: response.headers,
  arrayBuffer: () => {
    throw new Error("gathered");
  },
});

describe("a body with a cap", () => {
  it("is whole when it fits, declared or not", async () => {
    expect(textOf(await readCapped(answer("hello"), 5))).toBe("hello");
    expect(textOf(await readCapped(answer("hello", { "content-length": "5" }), 5))).toBe("hello");
    expect(await readCapped(new Response(null), 5)).toEqual(new Uint8Array());
  });

  it("is not read when it declares too much, nor kept when it is more than it declared", async () => {
    const declared = answer("hello!", { "content-length": "6" });
    expect(await readCapped(declared, 5)).toBeUndefined();
    expect(await readCapped(answer("hello!", { "content-length": "2" }), 5)).toBeUndefined();
    expect(await readCapped(answer("hello!"), 5)).toBeUndefined();
  });

  it("is refused when it was cut off before what it declared", async () => {
    await expect(readCapped(answer("hel", { "content-length": "5" }), 10)).rejects.toThrow("cut off");
  });

  it("is counted while it is read when it is packed, or declares nothing that is a number", async () => {
    const said: Record<string, string>[] = [
      { "content-length": "3", "content-encoding": "gzip" },
      { "content-length": "three" },
      {},
    ];
    for (const headers of said) {
      expect(await readCapped(onlyRead(answer("x".repeat(100), headers)), 50)).toBeUndefined();
      expect(textOf(await readCapped(onlyRead(answer("hello", headers)), 50))).toBe("hello");
    }
  });
});
