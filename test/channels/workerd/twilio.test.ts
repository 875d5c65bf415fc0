// What the Twilio channel and the egress guard need of the runtime, in workerd: node:querystring, timingSafeEqual, Web Crypto, its own fetch.
import { describe, expect, inject, it } from "vitest";
import { signatureOf, verifySignature } from "../../../src/channels/twilio/signature.ts";
import { createTwilio } from "../../../src/channels/twilio.ts";
import { DEFAULT_LIMITS, guardedFetch } from "../../../src/lib/egress.ts";

const ports = inject("smtp");
const net = { fetch, now: Date.now };

describe("Twilio in workerd", () => {
  it("verifies the known answer, and a quote that the runtime escaped", async () => {
    const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const pairs = {
      CallSid: "CA1234567890ABCDE",
      Caller: "+14158675309",
      Digits: "1234",
      From: "+14158675309",
      To: "+18005551212",
    };
    const request = (signature: string, arrived: string) => ({
      method: "POST",
      url: arrived,
      headers: new Headers({ "x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded" }),
      body: new TextEncoder().encode(new URLSearchParams(pairs).toString()),
    });
    const known = request("RSOYDt4T1cUTdK1PDd93/VVr8B8=", url);
    expect(await verifySignature("12345", "https://mycompany.com", known)).toBe(true);
    expect(await verifySignature("12346", "https://mycompany.com", known)).toBe(false);
    const signature = await signatureOf("12345", "https://mycompany.com/x?q=it's", Object.entries(pairs));
    const escaped = request(signature, "http://localhost:8787/x?q=it%27s");
    expect(await verifySignature("12345", "https://mycompany.com", escaped)).toBe(true);
  });

  it("cannot tell why a connection failed, and so does not claim that nothing left", async () => {
    const settings = {
      kind: "sms",
      accountSid: "AC1",
      authToken: "t",
      from: "+1",
      publicUrl: "https://x.test",
    } as const;
    const closed = createTwilio({ ...settings, apiBaseUrl: "http://127.0.0.1:1" });
    const outcome = await closed.send({ id: "m", to: "+2", text: "hi" }, net);
    expect(outcome).toMatchObject({ outcome: "unknown" });
  });

  it("gives up on an answer that never comes", async () => {
    const settings = {
      kind: "sms",
      accountSid: "AC1",
      authToken: "t",
      from: "+1",
      publicUrl: "https://x.test",
    } as const;
    const mute = createTwilio({ ...settings, apiBaseUrl: `http://127.0.0.1:${ports.mute}` });
    const signal = AbortSignal.timeout(200);
    expect(await mute.send({ id: "m", to: "+2", text: "hi" }, { ...net, signal })).toMatchObject({
      outcome: "unknown",
    });
  });
});

describe("the egress guard in workerd", () => {
  const host = `127.0.0.1:${ports.mailbox}`;
  const rules = { production: true, allowHosts: [host], ownHosts: [], ...DEFAULT_LIMITS };
  it("fetches what is allowed and nothing else on the same machine", async () => {
    expect(await guardedFetch({ url: `http://${host}/` }, rules, net.fetch)).toMatchObject({ ok: true, status: 200 });
    for (const url of [
      `http://localhost:${ports.mailbox}/`,
      "https://127.1/",
      "https://[::ffff:7f00:1]/",
      "https://１２７.0.0.1/",
    ])
      expect(await guardedFetch({ url }, rules, net.fetch)).toMatchObject({ ok: false, kind: "refused", sent: false });
  });
  it("judges a redirect itself", async () => {
    const url = `http://${host}/redirect?to=https%3A%2F%2F169.254.169.254%2F`;
    expect(await guardedFetch({ url }, rules, net.fetch)).toMatchObject({ kind: "refused", sent: true });
  });
  it("stops at the byte and in time", async () => {
    const big = await guardedFetch({ url: `http://${host}/big` }, { ...rules, maxBytes: 1_000 }, net.fetch);
    expect(big).toMatchObject({ ok: false, kind: "too_large", sent: true });
    const mute = `127.0.0.1:${ports.mute}`;
    const limits = { ...rules, allowHosts: [mute], timeoutMs: 200 };
    const late = await guardedFetch({ url: `http://${mute}/` }, limits, net.fetch);
    expect(late).toMatchObject({ ok: false, kind: "timeout", sent: true });
  });
});
