// MESSAGING "Sending through Twilio" against a stand-in over real HTTP, and its webhooks as facts.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Channel, Net, OutboundMessage } from "../../src/channels/channel.ts";
import { createTwilio, type TwilioSettings } from "../../src/channels/twilio.ts";
import { startStandIn } from "./twilio/stand-in.ts";

let provider: Awaited<ReturnType<typeof startStandIn>>;
let settings: TwilioSettings;
let sms: Channel;
let whatsapp: Channel;
const net: Net = { fetch, now: Date.now };
const message: OutboundMessage = { id: "m-1", to: "+14155551234", text: "Grüße & mehr" };

beforeAll(async () => {
  provider = await startStandIn();
  settings = {
    kind: "sms",
    accountSid: "AC123",
    authToken: "tök:en",
    from: "+15551234567",
    apiBaseUrl: `${provider.url}/`,
    publicUrl: "https://box.example.com",
  };
  sms = createTwilio(settings);
  whatsapp = createTwilio({ ...settings, kind: "whatsapp" });
});
beforeEach(() => provider.reset());
afterAll(() => provider.stop());

const form = () => Object.fromEntries(provider.requests[0]!.form);

describe("send", () => {
  it("posts a form with Basic auth to the account's messages", async () => {
    const statusCallback = "https://box.example.com/webhooks/status?message=m-1";
    const outcome = await sms.send({ ...message, statusCallback }, net);
    expect(outcome).toEqual({
      outcome: "accepted",
      providerId: provider.ledger[0]!.sid,
      status: "queued",
      segments: 1,
    });
    expect(provider.requests).toMatchObject([
      {
        method: "POST",
        url: "/2010-04-01/Accounts/AC123/Messages.json",
        headers: {
          authorization: `Basic ${Buffer.from("AC123:tök:en").toString("base64")}`,
          "content-type": "application/x-www-form-urlencoded",
        },
      },
    ]);
    expect(form()).toEqual({
      To: "+14155551234",
      From: "+15551234567",
      Body: "Grüße & mehr",
      StatusCallback: statusCallback,
    });
  });
  it("prefixes both addresses for WhatsApp", async () => {
    await whatsapp.send({ ...message, from: "+15550001111" }, net);
    expect(form()).toEqual({ To: "whatsapp:+14155551234", From: "whatsapp:+15550001111", Body: "Grüße & mehr" });
  });
  it("sends to a business-scoped id", async () => {
    await whatsapp.send({ ...message, to: "US.13491208655302741918" }, net);
    expect(form().To).toBe("whatsapp:US.13491208655302741918");
  });
  it("sends a template instead of a text", async () => {
    await whatsapp.send({ ...message, template: { contentSid: "HX1", variables: { "1": "Ada" } } }, net);
    expect(form()).toEqual({
      To: "whatsapp:+14155551234",
      From: "whatsapp:+15551234567",
      ContentSid: "HX1",
      ContentVariables: '{"1":"Ada"}',
    });
  });
  it("repeats MediaUrl", async () => {
    await sms.send({ id: "m", to: "+14155551234", mediaUrls: ["https://a/1.png", "https://a/2.png"] }, net);
    expect(provider.requests[0]!.form.getAll("MediaUrl")).toEqual(["https://a/1.png", "https://a/2.png"]);
    expect(provider.requests[0]!.form.has("Body")).toBe(false);
  });
  it("lets a messaging service choose, unless the message names a sender", async () => {
    const service = createTwilio({ ...settings, messagingServiceSid: "MG1" });
    await service.send(message, net);
    await service.send({ ...message, from: "+15550001111" }, net);
    const senders = provider.requests.map((request) => [
      request.form.get("MessagingServiceSid"),
      request.form.get("From"),
    ]);
    expect(senders).toEqual([
      ["MG1", null],
      [null, "+15550001111"],
    ]);
  });
  it("counts segments where the answer has not", async () => {
    provider.script.push((_, response) =>
      provider.json(response, 201, { sid: "SM1", status: "accepted", num_segments: "0" }),
    );
    expect(await sms.send({ ...message, text: "a".repeat(161) }, net)).toMatchObject({
      status: "accepted",
      segments: 2,
    });
  });
  it("tells a message that failed at once", async () => {
    const failed = { sid: "SM1", status: "failed", num_segments: "1", error_code: 30005, error_message: null };
    provider.script.push((_, response) => provider.json(response, 201, failed));
    expect(await sms.send(message, net)).toEqual({
      outcome: "accepted",
      providerId: "SM1",
      status: "failed",
      segments: 1,
      error: {
        class: "permanent",
        code: 30005,
        name: "Unknown destination handset",
        message: "Unknown destination handset",
      },
    });
  });

  it.each([
    [{ ...message, text: "" }, "content", 21619],
    [{ ...message, text: "a".repeat(1601) }, "content", 21617],
    [{ ...message, mediaUrls: Array(11).fill("https://a/") }, "content", 21623],
    [{ ...message, to: "" }, "permanent", 21604],
  ] as const)("refuses %# without asking", async (given, errorClass, code) => {
    expect(await sms.send(given, net)).toMatchObject({ outcome: "refused", class: errorClass, code });
    expect(provider.requests).toEqual([]);
  });
  it("refuses without credentials or a sender", async () => {
    const { from: _, ...senderless } = settings;
    expect(await createTwilio(senderless).send(message, net)).toMatchObject({ class: "configuration", code: 21603 });
    expect(await createTwilio({ ...settings, authToken: "" }).send(message, net)).toMatchObject({ code: 20003 });
    expect(provider.requests).toEqual([]);
  });
  it("counts characters, not UTF-16 units, towards 1,600", async () => {
    expect(await sms.send({ ...message, text: "😀".repeat(1600) }, net)).toMatchObject({ outcome: "accepted" });
  });
});

describe("outcomes", () => {
  const twilioError = (status: number, code: number, extra: Record<string, string> = {}) => {
    provider.script.push((_, response) =>
      response
        .writeHead(status, { "content-type": "application/json", ...extra })
        .end(
          JSON.stringify({ code, message: `said ${code}`, more_info: "https://www.twilio.com/docs/errors/x", status }),
        ),
    );
    return sms.send(message, net);
  };

  // MESSAGING "Error classes", each code of it.
  it.each([
    ["permanent", [21211, 30005, 30006, 63003]],
    ["consent", [21610]],
    ["window", [63016]],
    ["configuration", [20003, 21408, 21608, 30034, 63020]],
    ["content", [30007, 63021]],
    ["retry", [30001, 30003, 30008, 63018]],
    ["unknown", [11111, 99999]],
  ] as const)("%s: %j", async (errorClass, codes) => {
    for (const code of codes) {
      const outcome = await twilioError(400, code);
      expect(outcome).toMatchObject({ outcome: "refused", class: errorClass, code, message: `said ${code}` });
      if (outcome.outcome === "refused") expect(outcome.name).not.toBe(`said ${code}`);
    }
  });
  it("429 is retried whatever its code, and Retry-After is honoured", async () => {
    expect(await twilioError(429, 20429, { "retry-after": "7" })).toMatchObject({
      class: "retry",
      retryAfterMs: 7_000,
    });
    expect(await twilioError(429, 11111)).toMatchObject({ class: "retry", code: 11111 });
    const at = new Date(Date.now() + 60_000).toUTCString();
    const outcome = await twilioError(429, 20429, { "retry-after": at });
    expect(outcome.outcome === "refused" && outcome.retryAfterMs).toBeGreaterThan(50_000);
  });
  it.each([500, 503])("%i in Twilio's own form was surely not sent", async (status) => {
    expect(await twilioError(status, 20500)).toMatchObject({ outcome: "refused", class: "retry", code: 20500 });
  });

  const answers = (status: number, body: string, headers: Record<string, string> = {}) => {
    provider.script.push((_, response) => response.writeHead(status, headers).end(body));
    return sms.send(message, net);
  };
  it.each([
    [500, "<html>Internal Server Error</html>"],
    [500, ""],
    [500, '{"code":20500,"message":"Intern'],
    [500, "{}"],
    [502, '{"code":20502,"message":"Bad gateway","status":502}'],
    [503, "<html>upstream reset</html>"],
    [504, '{"code":20504,"message":"Gateway timeout","status":504}'],
    [520, "<html>"],
    [200, "<html>OK</html>"],
    [201, '{"sid":"SM12'],
    [201, "{}"],
    [201, '{"sid":""}'],
    [201, "[]"],
    [201, "null"],
    [204, ""],
  ])("%i %j is unknown", async (status, body) => {
    expect(await answers(status, body)).toMatchObject({ outcome: "unknown" });
  });
  it("503 with Retry-After was turned away at the door", async () => {
    const outcome = await answers(503, "<html>", { "retry-after": "2" });
    expect(outcome).toMatchObject({ outcome: "refused", class: "retry", retryAfterMs: 2_000 });
  });
  it.each([
    [301, "configuration"],
    [400, "unknown"],
    [401, "configuration"],
    [403, "configuration"],
    [404, "configuration"],
    [408, "retry"],
    [429, "retry"],
  ])("%i without Twilio's form is refused: %s", async (status, errorClass) => {
    const outcome = await answers(status, "<html>", { location: "/elsewhere" });
    expect(outcome).toMatchObject({ outcome: "refused", class: errorClass, code: status, name: `HTTP ${status}` });
    expect(provider.requests.length).toBe(1);
  });

  it("a connection that breaks after the request left is unknown", async () => {
    provider.script.push((request, response) => {
      provider.accept(request);
      response.destroy();
    });
    expect(await sms.send(message, net)).toMatchObject({ outcome: "unknown" });
    provider.script.push((_, response) => {
      response.writeHead(201, { "content-length": "500" }).write('{"sid":"SM1"');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await sms.send(message, net)).toMatchObject({ outcome: "unknown" });
  });
  it("giving up on a hanging answer is unknown, before it has left it is not", async () => {
    provider.script.push(() => undefined);
    const signal = AbortSignal.timeout(100);
    expect(await sms.send(message, { ...net, signal })).toMatchObject({ outcome: "unknown" });
    expect(await sms.send(message, { ...net, signal })).toMatchObject({ outcome: "refused", class: "retry" });
    expect(provider.requests.length).toBe(1);
  });
  it("an endless answer is unknown", async () => {
    provider.script.push((_, response) => {
      response.writeHead(201);
      const more = () => response.write(" ".repeat(65_536), () => setImmediate(more));
      more();
    });
    expect(await sms.send(message, net)).toMatchObject({ outcome: "unknown" });
  });
  it("a connection that was never made is not", async () => {
    const gone = await startStandIn();
    gone.stop();
    const nowhere = createTwilio({ ...settings, apiBaseUrl: gone.url });
    expect(await nowhere.send(message, net)).toMatchObject({
      outcome: "refused",
      class: "retry",
      name: "Not connected",
    });
    const broken = { ...net, fetch: () => Promise.reject(new Error("Network connection lost.")) };
    expect(await nowhere.send(message, broken)).toEqual({ outcome: "unknown", reason: "Network connection lost." });
  });
});

describe("reconcile", () => {
  const nothing = new Set<string>();
  const lose = async (given = message) => {
    provider.script.push((request, response) => {
      provider.accept(request);
      response.destroy();
    });
    const since = Date.now();
    expect(await sms.send(given, net)).toMatchObject({ outcome: "unknown" });
    return since;
  };
  it("finds what was accepted without our hearing of it, still queued", async () => {
    const since = await lose();
    expect(await sms.reconcile!(message, { since, claimed: nothing }, net)).toEqual({
      outcome: "found",
      providerId: provider.ledger[0]!.sid,
      status: "queued",
      segments: 1,
    });
    const list = new URL(provider.requests.at(-1)!.url, "http://x");
    expect(provider.requests.at(-1)!.method).toBe("GET");
    expect(list.pathname).toBe("/2010-04-01/Accounts/AC123/Messages.json");
    expect(Object.fromEntries(list.searchParams)).toEqual({
      To: "+14155551234",
      From: "+15551234567",
      PageSize: "100",
    });
  });
  it("says absent when nothing fits", async () => {
    const hint = { since: Date.now(), claimed: nothing };
    expect(await sms.reconcile!(message, hint, net)).toEqual({ outcome: "absent" });
    await sms.send({ ...message, text: "another text" }, net);
    await sms.send({ ...message, to: "+14155559999" }, net);
    await sms.send({ ...message, from: "+15550001111" }, net);
    await sms.send({ ...message, mediaUrls: ["https://a/"] }, net);
    expect(await sms.reconcile!(message, hint, net)).toEqual({ outcome: "absent" });
  });
  it("leaves out older messages, inbound ones and those of others", async () => {
    await sms.send(message, net);
    const since = Date.now();
    const hint = { since, claimed: new Set([provider.ledger[0]!.sid!]) };
    expect(await sms.reconcile!(message, hint, net)).toEqual({ outcome: "absent" });
    provider.ledger[0]!.date_created = new Date(since - 60_000).toUTCString();
    expect(await sms.reconcile!(message, { since, claimed: nothing }, net)).toEqual({ outcome: "absent" });
    provider.ledger[0]!.date_created = new Date(since).toUTCString();
    provider.ledger[0]!.direction = "inbound";
    expect(await sms.reconcile!(message, { since, claimed: nothing }, net)).toEqual({ outcome: "absent" });
  });
  it("does not choose between two", async () => {
    const since = await lose();
    await lose();
    expect(await sms.reconcile!(message, { since, claimed: nothing }, net)).toMatchObject({ outcome: "unknown" });
    const claimed = new Set([provider.ledger[0]!.sid!]);
    const found = await sms.reconcile!(message, { since, claimed }, net);
    expect(found).toMatchObject({ outcome: "found", providerId: provider.ledger[1]!.sid });
  });
  it("knows a text that a trial account or trimming changed", async () => {
    const given = { ...message, text: " Hello \n" };
    const since = await lose(given);
    provider.ledger[0]!.body = "Sent from your Twilio trial account - Hello";
    expect(await sms.reconcile!(given, { since, claimed: nothing }, net)).toMatchObject({ outcome: "found" });
  });
  it("knows a template by person and time", async () => {
    const given = { ...message, template: { contentSid: "HX1", variables: {} } };
    const since = await lose(given);
    provider.ledger[0]!.body = "Rendered by the provider";
    expect(await sms.reconcile!(given, { since, claimed: nothing }, net)).toMatchObject({ outcome: "found" });
  });
  it("reads on over pages, and only as far as it must", async () => {
    const since = await lose();
    for (let count = 0; count < 250; count++) await sms.send({ ...message, text: `other ${count}` }, net);
    expect(await sms.reconcile!(message, { since, claimed: nothing }, net)).toMatchObject({ outcome: "found" });
    expect(provider.requests.filter((request) => request.method === "GET").length).toBe(3);
    for (const row of provider.ledger) row.date_created = new Date(since - 3_600_000).toUTCString();
    provider.requests.length = 0;
    expect(await sms.reconcile!(message, { since, claimed: nothing }, net)).toEqual({ outcome: "absent" });
    expect(provider.requests.length).toBe(1);
  });
  it.each([
    [500, "{}"],
    [401, "{}"],
    [200, "<html>"],
    [200, "{}"],
    [200, '{"messages":7}'],
  ])("does not take %i %j for an answer", async (status, body) => {
    provider.script.push((_, response) => response.writeHead(status).end(body));
    const outcome = await sms.reconcile!(message, { since: Date.now(), claimed: nothing }, net);
    expect(outcome).toMatchObject({ outcome: "unknown" });
  });
  it("never leaves the configured host for the next page", async () => {
    provider.script.push((_, response) =>
      provider.json(response, 200, { messages: [], next_page_uri: "https://evil.example/steal" }),
    );
    await sms.reconcile!(message, { since: Date.now(), claimed: nothing }, net);
    expect(provider.requests.map((request) => request.url.split("?")[0])).toEqual([
      "/2010-04-01/Accounts/AC123/Messages.json",
      "/https://evil.example/steal",
    ]);
  });
});
