import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { WebhookRequest, WebhookSettings } from "../../../src/domain/ports.ts";
import { admitCall, contentOfCall, countCall, refuseCaller } from "../../../src/domain/webhook/judge.ts";
import type { WindowState } from "../../../src/domain/webhook/sliding-window.ts";

const NOW = Date.UTC(2026, 0, 15, 12);
const SECRET = "a-secret-of-enough-length";
const settings: WebhookSettings = {
  webhookId: "w",
  organizationId: "o",
  workflowId: "f",
  nodeIds: [],
  enabled: true,
  workflowActive: true,
  requireSignature: false,
  signatureScheme: "signalbox",
  tokenHash: "h",
  sealedSecret: "",
  ipAllowlist: [],
  rateLimitMax: 2,
  rateLimitWindowSeconds: 60,
};
const request = (body: string | Uint8Array, over: Partial<WebhookRequest> = {}): WebhookRequest => ({
  bodyBytes: typeof body === "string" ? new TextEncoder().encode(body) : body,
  headers: {},
  clientAddress: "10.1.2.3",
  now: NOW,
  ...over,
});
/** In the order in which the object asks. */
const judgeWith = (own: WebhookSettings, window: WindowState, given: WebhookRequest) => {
  const refusal = refuseCaller(own, { clientAddress: given.clientAddress, origin: given.headers.origin });
  if (refusal) return refusal;
  const admission = admitCall(own, [SECRET], "token", given);
  if (admission.kind !== "admit") return admission;
  const counted = countCall(own, window, given.now);
  if (counted.kind === "refuse") return counted;
  return { ...counted, kind: "accept" as const, ...contentOfCall(own, given, admission.payload) };
};
const judge = (over: Partial<WebhookSettings>, given: WebhookRequest) => judgeWith({ ...settings, ...over }, [], given);

describe("the judgement of a call", () => {
  it("accepts any JSON and says what is left", () => {
    expect(judge({}, request('{"event":"user_joined"}'))).toMatchObject({
      kind: "accept",
      data: { event: "user_joined" },
      dedupeKey: undefined,
      rateLimit: { limit: 2, remaining: 1 },
    });
    expect(judge({}, request("[1,2]"))).toMatchObject({ kind: "accept", data: { body: [1, 2] } });
  });

  it.each([
    ["disabled", { enabled: false }, "webhook_disabled"],
    ["of a workflow that is not active", { workflowActive: false }, "webhook_disabled"],
    ["from elsewhere", { ipAllowlist: ["192.168.1.0/24"] }, "ip_not_allowed"],
    ["unsigned", { requireSignature: true }, "signature_required"],
  ])("refuses a call that is %s", (_, over, code) => {
    expect(judge(over, request("{}"))).toMatchObject({ kind: "refuse", code });
  });

  it("refuses what would not fit a row once its numbers are written out, and nothing else that is large", () => {
    const numbers = `[${Array.from({ length: 190_000 }, () => "1e20").join()}]`;
    expect(numbers.length).toBeLessThan(1_000_000);
    expect(judge({}, request(numbers))).toMatchObject({ kind: "refuse", code: "payload_too_large" });
    expect(judge({}, request(JSON.stringify({ text: "é".repeat(500_000) })))).toMatchObject({ kind: "accept" });
  });

  it("denies an allowlisted webhook when there is no client address", () => {
    const given = request("{}", { clientAddress: undefined });
    expect(judge({ ipAllowlist: ["0.0.0.0/0"] }, given)).toMatchObject({ code: "ip_not_allowed" });
    expect(judge({ ipAllowlist: ["10.1.2.3"] }, request("{}"))).toMatchObject({ kind: "accept" });
  });

  it("checks the signature over token and bytes before it reads the JSON", () => {
    const signed = (body: string) => ({
      "x-webhook-signature": `sha256=${createHmac("sha256", SECRET).update(`token${body}`).digest("hex")}`,
    });
    const over = { requireSignature: true };
    expect(judge(over, request("{}", { headers: signed("{}") }))).toMatchObject({ kind: "accept" });
    expect(judge(over, request("{ ", { headers: signed("{}") }))).toMatchObject({ code: "signature_invalid" });
    expect(judge(over, request("{ ", { headers: signed("{ ") }))).toMatchObject({ code: "malformed_json" });
  });

  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["broken UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["depth 10,000", "[".repeat(10_000) + "]".repeat(10_000)],
  ])("refuses %s as malformed, uncounted", (_, body) => {
    expect(judge({}, request(body))).toMatchObject({ kind: "refuse", code: "malformed_json" });
  });

  it("refuses over the limit and says when to come back", () => {
    const verdict = judgeWith(settings, [[NOW - 1000, 2]], request("{}"));
    expect(verdict).toMatchObject({ kind: "refuse", code: "rate_limited", rateLimit: { limit: 2, remaining: 0 } });
    expect(verdict.kind === "refuse" && verdict.rateLimit!.resetAt).toBe(NOW / 1000 + 60);
  });

  it.each([
    ["github", { "x-github-delivery": "d-1" }, "{}", "x-github-delivery:d-1"],
    ["standard-webhooks", { "webhook-id": "msg_1" }, "{}", "webhook-id:msg_1"],
    ["shopify", { "x-shopify-webhook-id": "s-1" }, "{}", "x-shopify-webhook-id:s-1"],
    ["stripe", { "idempotency-key": "forged" }, '{"id":"evt_1"}', "id:evt_1"],
    ["slack", {}, '{"event_id":"Ev1"}', "event_id:Ev1"],
    ["signalbox", { "idempotency-key": "k" }, "{}", "idempotency-key:k"],
  ])("knows a delivery of %s by its own id", (signatureScheme, headers, body, dedupeKey) => {
    expect(judge({ signatureScheme }, request(body, { headers: headers as Record<string, string> }))).toMatchObject({
      dedupeKey,
    });
  });

  it("keeps a very long id short and distinct", () => {
    const key = (id: string) => {
      const verdict = judge({}, request("{}", { headers: { "idempotency-key": id } }));
      return verdict.kind === "accept" ? verdict.dedupeKey! : "";
    };
    expect(key("a".repeat(5000)).length).toBeLessThan(120);
    expect(key("a".repeat(5000))).not.toBe(key("a".repeat(5001)));
  });

  it("says Slack's challenge back, only when it is signed by Slack's scheme", () => {
    const body = '{"type":"url_verification","challenge":"abc"}';
    expect(judge({ signatureScheme: "slack" }, request(body))).toEqual({ kind: "challenge", challenge: "abc" });
    expect(judge({ signatureScheme: "slack", requireSignature: true }, request(body))).toMatchObject({
      code: "signature_required",
    });
    expect(judge({}, request(body))).toMatchObject({ kind: "accept" });
  });
});
