// The small leaves that signatures and logins stand on, against Node's own.
import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBase64 } from "../../src/lib/base64.ts";
import { sameText } from "../../src/lib/constant-time.ts";
import { hmac, sha256Hex } from "../../src/lib/hmac.ts";

const text = fc.string({ unit: "binary" });

describe("proofs", () => {
  it("base64 of bytes and of UTF-8", () => {
    fc.assert(
      fc.property(fc.uint8Array(), text, (bytes, given) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
        expect(toBase64(given)).toBe(Buffer.from(given, "utf8").toString("base64"));
      }),
    );
  });
  it("HMAC and SHA-256 of bytes and of UTF-8, also of a view into a larger buffer", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1 }), text, async (key, given) => {
        const view = new TextEncoder().encode(`xx${given}`).subarray(2);
        expect(toBase64(await hmac("SHA-1", key, given))).toBe(createHmac("sha1", key).update(given).digest("base64"));
        expect(toBase64(await hmac("SHA-256", key, view))).toBe(
          createHmac("sha256", key).update(view).digest("base64"),
        );
        expect(await sha256Hex(view)).toBe(createHash("sha256").update(given).digest("hex"));
      }),
    );
  });
  it("sameText is equality", () => {
    expect(sameText("", "")).toBe(true);
    expect(sameText("é", "e")).toBe(false);
    fc.assert(
      fc.property(text, text, (left, right) => {
        expect(sameText(left, left)).toBe(true);
        expect(sameText(left, `${left}x`)).toBe(false);
        expect(sameText(left, right)).toBe(Buffer.from(left).equals(Buffer.from(right)));
      }),
    );
  });
});
