import { describe, expect, it } from "vitest";
import { SealError, type SealingKey, seal, unseal } from "../../src/lib/seal.ts";

const key = (id: string, fill: number): SealingKey => ({ id, bytes: new Uint8Array(32).fill(fill) });
const [old, fresh] = [key("k1", 1), key("k2", 2)];
const owner = ["organisation", "webhooks.secret:1"];

describe("seal", () => {
  it("opens what it sealed, and shows nothing of it", async () => {
    const sealed = await seal([old], owner, "hunter2 ☂");
    expect(sealed).toMatch(/^k1\.[A-Za-z0-9+/]+=*$/);
    expect(atob(sealed.slice(3))).not.toContain("hunter2");
    expect(await unseal([old], owner, sealed)).toBe("hunter2 ☂");
  });

  it("never seals the same text to the same bytes", async () => {
    expect(await seal([old], owner, "x")).not.toBe(await seal([old], owner, "x"));
  });

  it("rotates: seals with the first key, opens with each", async () => {
    const before = await seal([old], owner, "a");
    const keys = [fresh, old];
    expect(await unseal(keys, owner, before)).toBe("a");
    const after = await seal(keys, owner, "b");
    expect(after.startsWith("k2.")).toBe(true);
    await expect(unseal([old], owner, after)).rejects.toThrow(SealError);
  });

  it.each([
    ["another organisation", ["other", "webhooks.secret:1"]],
    ["another field", ["organisation", "webhooks.secret:2"]],
    ["parts that join to the same text", ["organisationw", "ebhooks.secret:1"]],
    ["no field", ["organisation"]],
  ])("does not open for %s", async (_, other) => {
    const sealed = await seal([old], owner, "secret");
    await expect(unseal([old], other, sealed)).rejects.toThrow(SealError);
  });

  it("does not open when a bit was changed, anywhere", async () => {
    const sealed = await seal([old], owner, "secret");
    const bytes = Uint8Array.from(atob(sealed.slice(3)), (char) => char.charCodeAt(0));
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at]! ^= 1;
      await expect(unseal([old], owner, `k1.${btoa(String.fromCharCode(...changed))}`)).rejects.toThrow(SealError);
    }
  });

  it.each(["", "k1", "k1.", "k1.!!!", "k9.AAAA", "k1.AAAA"])("refuses %j", async (text) => {
    await expect(unseal([old], owner, text)).rejects.toThrow(SealError);
  });

  it("needs a key", async () => {
    await expect(seal([], owner, "x")).rejects.toThrow(SealError);
  });
});
