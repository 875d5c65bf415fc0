import { scrypt } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { hashPassword, verifyPassword } from "../../../src/domain/identity/password.ts";

vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof import("node:crypto")>();
  return { ...crypto, scrypt: vi.fn(crypto.scrypt) };
});

describe("passwords", () => {
  it("verify against their own hash only", async () => {
    const hash = await hashPassword("correct horse");
    expect(hash).toMatch(/^scrypt\$15\$8\$1\$[A-Za-z0-9+/=]{24}\$[A-Za-z0-9+/=]{44}$/);
    expect(await verifyPassword("correct horse", hash)).toBe(true);
    expect(await verifyPassword("correct horsf", hash)).toBe(false);
    expect(await verifyPassword("", hash)).toBe(false);
  });

  it("salt: the same password never hashes alike", async () => {
    expect(await hashPassword("correct horse")).not.toBe(await hashPassword("correct horse"));
  });

  it("count characters as people do, and take any", async () => {
    await expect(hashPassword("1234567")).rejects.toThrow("8 to 128");
    await expect(hashPassword("🔑🔑🔑🔑")).rejects.toThrow("8 to 128");
    await expect(hashPassword("x".repeat(129))).rejects.toThrow("8 to 128");
    const long = "🔑".repeat(128);
    expect(await verifyPassword(long, await hashPassword(long))).toBe(true);
  });

  it("are the same however an accent was typed", async () => {
    const hash = await hashPassword("caf\u00e9-caf\u00e9");
    expect(await verifyPassword("cafe\u0301-cafe\u0301", hash)).toBe(true);
  });

  it("are not cut at a NUL or after 72 bytes", async () => {
    const hash = await hashPassword(`${"a".repeat(80)}b`);
    expect(await verifyPassword(`${"a".repeat(80)}c`, hash)).toBe(false);
    const nul = await hashPassword("abc\u0000defgh");
    expect(await verifyPassword("abc\u0000xxxxx", nul)).toBe(false);
  });

  it("are refused when there is no account, after the same work", async () => {
    const hash = await hashPassword("correct horse");
    const workOf = async (stored: string | undefined) => {
      vi.mocked(scrypt).mockClear();
      expect(await verifyPassword("wrong", stored)).toBe(false);
      return vi
        .mocked(scrypt)
        .mock.calls.map(([password, salt, length, costs]) => [
          Buffer.from(password as Buffer).toString(),
          (salt as Buffer).byteLength,
          length,
          costs,
        ]);
    };
    const work = await workOf(hash);
    expect(work).toEqual([["wrong", 16, 32, expect.objectContaining({ N: 2 ** 15, r: 8, p: 1 })]]);
    expect(await workOf(undefined)).toEqual(work);
  });

  it.each(["", "scrypt$15$8$1$$", "plain", "scrypt$1$1$1$AAAA$"])("never match the broken hash %j", async (stored) => {
    await expect(verifyPassword("x", stored).catch(() => false)).resolves.toBe(false);
  });
});
