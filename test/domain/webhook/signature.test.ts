import { createHmac } from "node:crypto";
import { sign as githubSign } from "@octokit/webhooks-methods";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import {
  checkSignature,
  newSecret,
  SIGNATURE_SCHEMES,
  type SignatureScheme,
  secretFault,
} from "../../../src/domain/webhook/signature.ts";

const NOW = Date.UTC(2026, 0, 15, 12);
const SECONDS = Math.floor(NOW / 1000);
const TOKEN = "tok_0123456789";
const BODY = JSON.stringify({ action: "opened", text: "Grüße — سلام", n: 1.5 });
const bytes = (text: string) => new TextEncoder().encode(text);
const mac = (key: string | Uint8Array, text: string, encoding: "hex" | "base64" = "hex") =>
  createHmac("sha256", key).update(text).digest(encoding);

/** Signs the way each sender does; github and standard-webhooks by their own packages. */
const SIGN: Record<SignatureScheme, (secret: string, seconds: number) => Promise<Record<string, string>>> = {
  signalbox: async (secret) => ({ "x-webhook-signature": `sha256=${mac(secret, TOKEN + BODY)}` }),
  github: async (secret) => ({ "x-hub-signature-256": await githubSign(secret, BODY) }),
  stripe: async (secret, t) => ({ "stripe-signature": `t=${t},v1=${mac(secret, `${t}.${BODY}`)},v0=ignored` }),
  "standard-webhooks": async (secret, t) => ({
    "webhook-id": "msg_1",
    "webhook-timestamp": String(t),
    "webhook-signature": new StandardWebhook(secret).sign("msg_1", new Date(t * 1000), BODY),
  }),
  shopify: async (secret) => ({ "x-shopify-hmac-sha256": mac(secret, BODY, "base64") }),
  slack: async (secret, t) => ({
    "x-slack-request-timestamp": String(t),
    "x-slack-signature": `v0=${mac(secret, `v0:${t}:${BODY}`)}`,
  }),
};
const HEADER: Record<SignatureScheme, string> = {
  signalbox: "x-webhook-signature",
  github: "x-hub-signature-256",
  stripe: "stripe-signature",
  "standard-webhooks": "webhook-signature",
  shopify: "x-shopify-hmac-sha256",
  slack: "x-slack-signature",
};
const check = (scheme: SignatureScheme, secret: string, headers: Record<string, string>, over = {}) =>
  checkSignature(scheme, { bodyBytes: bytes(BODY), headers, token: TOKEN, secret, now: NOW, ...over });

describe.each(SIGNATURE_SCHEMES)("%s", (scheme) => {
  const secret = newSecret(scheme);

  it("takes what its sender signs", async () => {
    expect(secretFault(scheme, secret)).toBeUndefined();
    expect(check(scheme, secret, await SIGN[scheme](secret, SECONDS))).toBe("valid");
  });

  it("refuses another secret, another body, a truncated and a missing signature", async () => {
    const headers = await SIGN[scheme](secret, SECONDS);
    expect(check(scheme, newSecret(scheme), headers)).toBe("invalid");
    expect(check(scheme, secret, headers, { bodyBytes: bytes(`${BODY} `) })).toBe("invalid");
    expect(check(scheme, secret, { ...headers, [HEADER[scheme]]: headers[HEADER[scheme]]!.slice(0, -14) })).toBe(
      "invalid",
    );
    const { [HEADER[scheme]]: _, ...rest } = headers;
    expect(check(scheme, secret, rest)).toBe("missing");
  });
});

describe.each(["stripe", "standard-webhooks", "slack"] as const)("%s signs a time", (scheme) => {
  const secret = newSecret(scheme);
  it.each([
    [-301, "stale"],
    [-299, "valid"],
    [299, "valid"],
    [301, "stale"],
  ] as const)("%i seconds away is %s", async (offset, verdict) => {
    expect(check(scheme, secret, await SIGN[scheme](secret, SECONDS + offset))).toBe(verdict);
  });

  it("refuses a fresh time put on an old signature", async () => {
    const old = await SIGN[scheme](secret, SECONDS - 4000);
    const renewed = Object.fromEntries(
      Object.entries(old).map(([name, value]) => [name, value.replace(String(SECONDS - 4000), String(SECONDS))]),
    );
    expect(check(scheme, secret, renewed)).toBe("invalid");
  });
});

it("signs token and body for signalbox as the document's Python does", () => {
  const secret = "s".repeat(43);
  const signature = `sha256=${createHmac("sha256", secret)
    .update(Buffer.concat([bytes(TOKEN), bytes(BODY)]))
    .digest("hex")}`;
  expect(check("signalbox", secret, { "x-webhook-signature": signature })).toBe("valid");
  expect(check("signalbox", secret, { "x-webhook-signature": signature }, { token: "other" })).toBe("invalid");
});

it("takes any of several signatures while a secret is rolled", async () => {
  const stripe = newSecret("stripe");
  const { "stripe-signature": one } = await SIGN.stripe(stripe, SECONDS);
  const rolled = one!.replace(",v1=", `,v1=${"0".repeat(64)},v1=`);
  expect(check("stripe", stripe, { "stripe-signature": rolled })).toBe("valid");

  const standard = newSecret("standard-webhooks");
  const headers = await SIGN["standard-webhooks"](standard, SECONDS);
  const both = `v1,${"A".repeat(43)}= ${headers["webhook-signature"]}`;
  expect(check("standard-webhooks", standard, { ...headers, "webhook-signature": both })).toBe("valid");
});

it("says what cannot be a secret", () => {
  expect(secretFault("stripe", "short")).toMatch(/16 characters/);
  expect(secretFault("standard-webhooks", "whsec_not base64!")).toMatch(/base64/);
  expect(secretFault("standard-webhooks", "whsec_AAAA")).toMatch(/base64/);
  expect(secretFault("stripe", "whsec_A2EdfajGiGHx9jFmkP7ia6j25VXh9IWV")).toBeUndefined();
});
