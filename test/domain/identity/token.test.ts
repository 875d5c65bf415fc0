// Tokens, each with the attack on it.
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { DomainError } from "../../../src/domain/errors.ts";
import { readToken, signToken, TOKEN_SECONDS, type TokenRules } from "../../../src/domain/identity/token.ts";

const NOW = 1_800_000_000_000;
const SECONDS = NOW / 1000;
const secret = "a-secret-of-at-least-thirty-two-bytes!";
const rules: TokenRules = { secret };
const bytes = (text: string) => new TextEncoder().encode(text);
const base64url = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

const token = (claims: Record<string, unknown>, header: Record<string, unknown> = {}, key: string = secret) =>
  new SignJWT({ exp: SECONDS + 60, ...claims })
    .setProtectedHeader({ alg: "HS256", ...header } as { alg: string })
    .sign(bytes(key));

const codeOf = async (attempt: Promise<unknown>): Promise<string> => {
  const error = await attempt.catch((failure: unknown) => failure);
  return error instanceof DomainError ? error.code : `not refused: ${JSON.stringify(error)}`;
};
const refusal = (text: string, given: TokenRules = rules) => codeOf(readToken(text, given, NOW));

describe("readToken with a secret", () => {
  it("reads its own tokens", async () => {
    const text = await signToken({ userId: 7, username: "ada", organizationId: "o1" }, { secret }, NOW);
    expect(await readToken(text, rules, NOW)).toEqual({
      ...{ userId: "7", username: "ada", organizationId: "o1" },
      expiresAt: (SECONDS + TOKEN_SECONDS) * 1000,
    });
  });

  it("takes an id from user_id, text or integer, else from sub", async () => {
    expect(await readToken(await token({ user_id: "u-1" }), rules, NOW)).toEqual({
      userId: "u-1",
      username: "u-1",
      expiresAt: (SECONDS + 60) * 1000,
    });
    expect(await readToken(await token({ user_id: 12, username: "bob" }), rules, NOW)).toEqual({
      userId: "12",
      username: "bob",
      expiresAt: (SECONDS + 60) * 1000,
    });
    expect(await readToken(await token({ sub: "s" }), rules, NOW)).toMatchObject({ userId: "s" });
    expect(await readToken(await token({ sub: "s", user_id: 0 }), rules, NOW)).toMatchObject({ userId: "0" });
  });

  it.each([
    {},
    { user_id: "" },
    { user_id: 1.5 },
    { user_id: 2 ** 60 },
    { user_id: ["1"] },
    { user_id: { id: 1 } },
    { user_id: true },
    { user_id: "a b" },
    { user_id: "a\u0085" },
    // Stored as U+FFFD, so that "\ud800" and "\ud801" would be one user.
    { user_id: "\ud800" },
    { user_id: "x".repeat(129) },
    { user_id: null },
  ])("refuses the user %j", async (claims) => expect(await refusal(await token(claims))).toBe("unauthenticated"));

  it("refuses an expired token, from its very second", async () => {
    expect(await refusal(await token({ user_id: 1, exp: SECONDS }))).toBe("unauthenticated");
    expect(await refusal(await token({ user_id: 1, exp: SECONDS + 1 }))).toMatch("not refused");
  });

  it.each([
    ["missing", undefined],
    ["a text", "9999999999"],
    ["null", null],
    ["a date", "2099-01-01"],
    ["a list", [9_999_999_999]],
  ])("refuses an exp that is %s", async (_, exp) =>
    expect(await refusal(await token({ user_id: 1, exp }))).toBe("unauthenticated"),
  );

  it.each([1e300, 253_402_300_800])("refuses an exp of %s, which never comes", async (exp) =>
    expect(await refusal(await token({ user_id: 1, exp }))).toBe("unauthenticated"),
  );

  it("refuses an exp of infinity, which JSON can spell", async () => {
    const signed = await new SignJWT({ user_id: 1 }).setProtectedHeader({ alg: "HS256" }).sign(bytes(secret));
    expect(await refusal(signed)).toBe("unauthenticated");
    const key = await crypto.subtle.importKey("raw", bytes(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const body = `${base64url({ alg: "HS256" })}.${base64url('{"user_id":1,"exp":1e999}')}`;
    const signature = Buffer.from(await crypto.subtle.sign("HMAC", key, bytes(body))).toString("base64url");
    expect(await refusal(`${body}.${signature}`)).toBe("unauthenticated");
  });

  it("refuses a token that is not valid yet", async () => {
    expect(await refusal(await token({ user_id: 1, nbf: SECONDS + 30 }))).toBe("unauthenticated");
  });

  it("refuses another secret, a changed body and a cut signature", async () => {
    expect(await refusal(await token({ user_id: 1 }, {}, "another-secret-of-thirty-two-bytes-or-so"))).toBe(
      "unauthenticated",
    );
    const good = await token({ user_id: 1 });
    const [header, , signature] = good.split(".");
    expect(await refusal(`${header}.${base64url({ user_id: 2, exp: SECONDS + 60 })}.${signature}`)).toBe(
      "unauthenticated",
    );
    expect(await refusal(good.slice(0, -2))).toBe("unauthenticated");
    expect(await refusal(`${header}.${good.split(".")[1]}.`)).toBe("unauthenticated");
  });

  it.each(["none", "None", "NONE", ""])("refuses the algorithm %j", async (alg) => {
    expect(await refusal(`${base64url({ alg })}.${base64url({ user_id: 1, exp: SECONDS + 60 })}.`)).toBe(
      "unauthenticated",
    );
  });

  it.each(["HS384", "HS512"])("refuses %s, though the secret fits", async (alg) => {
    const long = secret.repeat(3);
    const signed = await new SignJWT({ user_id: 1, exp: SECONDS + 60 }).setProtectedHeader({ alg }).sign(bytes(long));
    expect(await refusal(signed, { secret: long })).toBe("unauthenticated");
  });

  it.each([
    { jku: "https://evil.example/keys" },
    { jwk: { kty: "oct", k: "AAAA" } },
    { x5u: "https://evil.example/cert" },
    { x5c: ["AAAA"] },
    { typ: "id_token+jwt" },
    { typ: "logout+jwt" },
  ])("refuses the header %j", async (header) => {
    expect(await refusal(await token({ user_id: 1 }, header))).toBe("unauthenticated");
  });

  it("refuses what it is told to understand and does not", async () => {
    const key = await crypto.subtle.importKey("raw", bytes(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const body = `${base64url({ alg: "HS256", crit: ["exp"] })}.${base64url({ user_id: 1, exp: SECONDS + 60 })}`;
    const signature = Buffer.from(await crypto.subtle.sign("HMAC", key, bytes(body))).toString("base64url");
    expect(await refusal(`${body}.${signature}`)).toBe("unauthenticated");
  });

  it.each([
    "",
    "a",
    "a.b",
    "a.b.c",
    "a.b.c.d.e",
    "...",
    `${"A".repeat(5000)}.x.y`,
    `${base64url("[]")}.e30.x`,
    `${base64url("null")}.e30.x`,
  ])("refuses %j", async (text) => expect(await refusal(text)).toBe("unauthenticated"));

  it("minds issuer and audience when they are configured", async () => {
    const strict = { secret, issuer: "https://id.example", audience: "signalbox" };
    const claims = { user_id: 1, iss: "https://id.example", aud: "signalbox" };
    expect(await refusal(await token(claims), strict)).toMatch("not refused");
    expect(await refusal(await token({ ...claims, iss: "https://other.example" }), strict)).toBe("unauthenticated");
    expect(await refusal(await token({ ...claims, aud: "other" }), strict)).toBe("unauthenticated");
    expect(await refusal(await token({ user_id: 1 }), strict)).toBe("unauthenticated");
    const own = await signToken({ userId: 1, username: "a", organizationId: "o" }, strict, NOW);
    expect(await refusal(own, strict)).toMatch("not refused");
  });
});

describe("readToken with a key set", () => {
  const jwksUrl = "https://id.example/keys.json";
  let rsa: CryptoKeyPair;
  let keys: object;

  beforeAll(async () => {
    rsa = (await generateKeyPair("RS256", { extractable: true })) as CryptoKeyPair;
    keys = { keys: [{ ...(await exportJWK(rsa.publicKey)), kid: "k1", alg: "RS256", use: "sig" }] };
  });
  afterEach(() => void vi.restoreAllMocks());

  let round = 0;
  /** Each test has its own URL: key sets are cached by URL. */
  const served = (answer: () => Response | Promise<Response>): TokenRules => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => answer());
    return { jwksUrl: `${jwksUrl}?${round++}` };
  };
  const signed = (claims: Record<string, unknown> = { user_id: 9 }) =>
    new SignJWT({ exp: SECONDS + 60, ...claims }).setProtectedHeader({ alg: "RS256", kid: "k1" }).sign(rsa.privateKey);

  it("takes what the issuer's key signed", async () => {
    const given = served(() => Response.json(keys));
    expect(await readToken(await signed(), given, NOW)).toMatchObject({ userId: "9" });
  });

  it("refuses another key, and a public key used as a secret", async () => {
    const given = served(() => Response.json(keys));
    const other = await generateKeyPair("RS256");
    const forged = await new SignJWT({ user_id: 9, exp: SECONDS + 60 })
      .setProtectedHeader({ alg: "RS256", kid: "k1" })
      .sign(other.privateKey);
    expect(await refusal(forged, given)).toBe("unauthenticated");
    const confused = await token({ user_id: 9 }, { kid: "k1" }, JSON.stringify(keys));
    expect(await refusal(confused, given)).toBe("unauthenticated");
    expect(await refusal(confused, { ...given, secret })).toBe("unauthenticated");
  });

  it("takes both kinds when both are configured, each by its own key", async () => {
    const given = { ...served(() => Response.json(keys)), secret };
    expect(await refusal(await signed(), given)).toMatch("not refused");
    expect(await refusal(await token({ user_id: 1 }), given)).toMatch("not refused");
  });

  it("refuses PS256 with the RSA key: one algorithm a key", async () => {
    const given = served(() => Response.json(keys));
    const pss = await crypto.subtle.importKey(
      "jwk",
      await crypto.subtle.exportKey("jwk", rsa.privateKey).then((jwk) => ({ ...(jwk as JsonWebKey), alg: undefined })),
      { name: "RSA-PSS", hash: "SHA-256" },
      false,
      ["sign"],
    );
    const text = await new SignJWT({ user_id: 9, exp: SECONDS + 60 })
      .setProtectedHeader({ alg: "PS256", kid: "k1" })
      .sign(pss);
    expect(await refusal(text, given)).toBe("unauthenticated");
  });

  it.each([
    ["fails", () => Promise.reject(new TypeError("fetch failed"))],
    ["answers 500", () => new Response("no", { status: 500 })],
    ["answers HTML", () => new Response("<html>")],
    ["answers no keys", () => Response.json({ hello: 1 })],
  ])("does not blame the token when the issuer %s", async (_, answer) => {
    const given = served(answer);
    expect(await refusal(await signed(), given)).toBe("unavailable");
  });
});
