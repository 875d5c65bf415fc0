import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { checkLicense } from "../../../src/domain/license/check-license.ts";

const NOW = Date.UTC(2026, 5, 1);
const HOUR = 3600;
let pem: string;
let jwk: string;
let sign: (claims: Record<string, unknown>, key?: CryptoKey) => Promise<string>;
let foreign: CryptoKey;

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  foreign = (await generateKeyPair("EdDSA")).privateKey;
  pem = await exportSPKI(publicKey);
  jwk = JSON.stringify(await exportJWK(publicKey));
  sign = (claims, key = privateKey) => new SignJWT(claims).setProtectedHeader({ alg: "EdDSA" }).sign(key);
});

const claims = (over: Record<string, unknown> = {}) => ({
  iss: "signalbox",
  sub: "acme",
  exp: NOW / 1000 + HOUR,
  features: ["workflows"],
  ...over,
});

describe("checkLicense", () => {
  it("asks for nothing while release mode is off, not even a good key", async () => {
    expect(await checkLicense({ releaseMode: false }, undefined, NOW)).toBeNull();
    expect(await checkLicense({ releaseMode: false, publicKey: pem }, "garbage", NOW)).toBeNull();
  });

  it("takes a licence by a PEM key, by a PEM key on one line and by a JWK", async () => {
    const key = await sign(claims());
    const license = { licensee: "acme", expiresAt: NOW + HOUR * 1000, features: ["workflows"] };
    for (const publicKey of [pem, pem.trim().replaceAll("\n", "\\n"), jwk]) {
      expect(await checkLicense({ releaseMode: true, publicKey }, key, NOW)).toEqual(license);
    }
  });

  it.each<[string, () => Promise<string | undefined>]>([
    ["no key", async () => undefined],
    ["no JWT", async () => "optional-license-key"],
    ["another issuer", () => sign(claims({ iss: "someone" }))],
    ["no licensee", () => sign(claims({ sub: undefined }))],
    ["no end", () => sign(claims({ exp: undefined }))],
    ["an end in the past", () => sign(claims({ exp: NOW / 1000 - 1 }))],
    ["no features", () => sign(claims({ features: undefined }))],
    ["features that are no list of names", () => sign(claims({ features: [1] }))],
    ["another key's signature", () => sign(claims(), foreign)],
    [
      "a symmetric signature with the public key as secret",
      () => new SignJWT(claims()).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(pem)),
    ],
  ])("refuses %s", async (_, make) => {
    const key = await make();
    await expect(checkLicense({ releaseMode: true, publicKey: pem }, key, NOW)).rejects.toMatchObject({
      code: "license_required",
    });
  });

  it("refuses everything while the public key is missing or no key", async () => {
    const key = await sign(claims());
    for (const publicKey of [undefined, "", "not a key", "{}"]) {
      await expect(checkLicense({ releaseMode: true, publicKey }, key, NOW)).rejects.toMatchObject({
        code: "license_required",
      });
    }
  });
});
