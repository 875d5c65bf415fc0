// The Cloud API as Meta documents it: what is sent, what an answer means, what its webhooks say, and which of them are believed.
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { OutboundMessage } from "../../src/channels/channel.ts";
import { challengeOf, numberIdsOf } from "../../src/channels/whatsapp-cloud/webhook.ts";
import { createWhatsAppCloud } from "../../src/channels/whatsapp-cloud.ts";

const SETTINGS = {
  phoneNumberId: "106540352242922",
  accessToken: "EAAG-token",
  appSecret: "app-secret",
  verifyToken: "verify-me",
  apiBaseUrl: "https://graph.test/",
};
const channel = createWhatsAppCloud(SETTINGS);

const ACCEPTED = {
  messaging_product: "whatsapp",
  contacts: [{ input: "+16505551234", wa_id: "16505551234" }],
  messages: [{ id: "wamid.HBgLMTY1MDU1NTEyMzQ", message_status: "accepted" }],
};

const send = async (
  message: Partial<OutboundMessage>,
  answer: () => Response | Promise<Response> = () => Response.json(ACCEPTED),
) => {
  const asked: { url: string; authorization: string | null; body: Record<string, unknown> }[] = [];
  const outcome = await channel.send(
    { id: "m1", to: "+16505551234", ...message },
    {
      now: () => 0,
      fetch: (async (input: string, init: RequestInit) => {
        const request = new Request(input, init);
        asked.push({
          url: request.url,
          authorization: request.headers.get("authorization"),
          body: (await request.json()) as Record<string, unknown>,
        });
        return answer();
      }) as typeof fetch,
    },
  );
  return { outcome, asked };
};
const sent = async (message: Partial<OutboundMessage>) => (await send(message)).asked[0]!.body;

describe("a message", () => {
  it("goes to the number's messages, with our id to come back", async () => {
    const statusCallback = "https://box.test/webhooks/status?message=m1&organization=o1&contact=c1";
    const { outcome, asked } = await send({ text: "Hello", statusCallback });
    expect(asked).toEqual([
      {
        url: "https://graph.test/v23.0/106540352242922/messages",
        authorization: "Bearer EAAG-token",
        body: {
          messaging_product: "whatsapp",
          recipient_type: "individual",
          to: "16505551234",
          type: "text",
          text: { body: "Hello" },
          biz_opaque_callback_data: "message=m1&organization=o1&contact=c1",
        },
      },
    ]);
    expect(outcome).toEqual({ outcome: "accepted", providerId: "wamid.HBgLMTY1MDU1NTEyMzQ", status: "accepted" });
  });

  it("goes to a business-scoped user id as a recipient, not as a number", async () => {
    const body = await sent({ text: "Hello", to: "US.13491208655302741918" });
    expect(body).toMatchObject({ recipient_type: "individual", recipient: "US.13491208655302741918" });
    expect(body).not.toHaveProperty("to");
  });

  it.each([
    ["https://x.test/a.jpg?s=1", { type: "image", image: { link: "https://x.test/a.jpg?s=1", caption: "Look" } }],
    ["https://x.test/a.mp4", { type: "video", video: { link: "https://x.test/a.mp4", caption: "Look" } }],
    ["https://x.test/a.ogg", { type: "audio", audio: { link: "https://x.test/a.ogg" } }],
    [
      "https://x.test/in%20voice.pdf",
      {
        type: "document",
        document: { link: "https://x.test/in%20voice.pdf", caption: "Look", filename: "in voice.pdf" },
      },
    ],
  ])("with %s", async (url, part) => {
    expect(await sent({ text: "Look", mediaUrls: [url] })).toMatchObject(part);
  });

  it("as a template, by position or by name", async () => {
    expect(
      await sent({
        text: "unused",
        template: { contentSid: "order_update", language: "de", variables: { "2": "b", "1": "a" } },
      }),
    ).toMatchObject({
      type: "template",
      template: {
        name: "order_update",
        language: { code: "de" },
        components: [
          {
            type: "body",
            parameters: [
              { type: "text", text: "a" },
              { type: "text", text: "b" },
            ],
          },
        ],
      },
    });
    expect(await sent({ template: { contentSid: "hi", variables: { first: "Ada" } } })).toMatchObject({
      template: {
        language: { code: "en_US" },
        components: [{ parameters: [{ type: "text", parameter_name: "first", text: "Ada" }] }],
      },
    });
    expect(await sent({ template: { contentSid: "hi", variables: {} } })).toMatchObject({
      template: { name: "hi", language: { code: "en_US" } },
    });
  });

  it("with buttons, and with a list", async () => {
    expect(
      await sent({
        text: "Tea?",
        interactive: { kind: "buttons", header: "Menu", footer: "Free", buttons: [{ id: "y", title: "Yes" }] },
      }),
    ).toMatchObject({
      type: "interactive",
      interactive: {
        type: "button",
        header: { type: "text", text: "Menu" },
        body: { text: "Tea?" },
        footer: { text: "Free" },
        action: { buttons: [{ type: "reply", reply: { id: "y", title: "Yes" } }] },
      },
    });
    const rows = [
      { id: "g", title: "Green", section: "Tea" },
      { id: "f", title: "Filter", section: "Coffee", description: "black" },
      { id: "b", title: "Black", section: "Tea" },
    ];
    expect(await sent({ text: "What?", interactive: { kind: "list", button: "Choose", rows } })).toMatchObject({
      interactive: {
        type: "list",
        action: {
          button: "Choose",
          sections: [
            {
              title: "Tea",
              rows: [
                { id: "g", title: "Green" },
                { id: "b", title: "Black" },
              ],
            },
            { title: "Coffee", rows: [{ id: "f", title: "Filter", description: "black" }] },
          ],
        },
      },
    });
  });

  it.each([
    [{ text: "" }, 131008],
    [{ text: "x".repeat(4_097) }, 131009],
    [{ text: "x", mediaUrls: ["https://x.test/a", "https://x.test/b"] }, 131009],
    [{ text: "x", to: "" }, 131008],
  ] as [Partial<OutboundMessage>, number][])("%j is refused before Meta sees it", async (message, code) => {
    const { outcome, asked } = await send(message);
    expect(outcome).toMatchObject({ outcome: "refused", code });
    expect(asked).toEqual([]);
  });
});

it("what WhatsApp would refuse as buttons goes as a numbered list", async () => {
  const buttons = Array.from({ length: 4 }, (_, n) => ({ id: `${n}`, title: `B${n}` }));
  expect(await sent({ text: "Which?", interactive: { kind: "buttons", buttons } })).toMatchObject({
    type: "text",
    text: { body: "Which?\n\n1. B0\n2. B1\n3. B2\n4. B3" },
  });
});

describe("an answer", () => {
  const error = (code: number, status = 400) =>
    Response.json(
      { error: { message: `(#${code}) no`, type: "OAuthException", code, error_data: { details: "why" } } },
      { status },
    );
  it.each([
    [131047, 400, "window"],
    [131056, 400, "retry"],
    [131026, 400, "permanent"],
    [131050, 400, "consent"],
    [190, 401, "configuration"],
    [132000, 400, "content"],
    [131000, 500, "retry"],
    [210, 403, "configuration"],
    [999_999, 400, "unknown"],
    [999_999, 429, "retry"],
  ])("with error %i (HTTP %i) is of the class %s", async (code, status, errorClass) => {
    const { outcome } = await send({ text: "x" }, () => error(code, status));
    expect(outcome).toMatchObject({ outcome: "refused", class: errorClass, code, message: "why" });
  });
  it.each([
    ["HTML from a proxy", () => new Response("<html>", { status: 502 })],
    ["success that breaks off", () => new Response('{"messages":[{"id', { status: 200 })],
    ["success without an id", () => Response.json({ messages: [] })],
    ["a connection that breaks", () => Promise.reject(new Error("reset"))],
  ])("%s leaves it unknown", async (_, answer) => {
    expect((await send({ text: "x" }, answer)).outcome.outcome).toBe("unknown");
  });
  it("to wait is obeyed", async () => {
    const busy = () => new Response("", { status: 429, headers: { "retry-after": "3" } });
    expect((await send({ text: "x" }, busy)).outcome).toMatchObject({
      outcome: "refused",
      class: "retry",
      retryAfterMs: 3_000,
    });
  });
});

const hook = (body: string | object, signature?: string) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const bytes = new TextEncoder().encode(text);
  const headers = new Headers({ "content-type": "application/json" });
  const valid = `sha256=${createHmac("sha256", SETTINGS.appSecret).update(bytes).digest("hex")}`;
  if (signature !== "") headers.set("x-hub-signature-256", signature ?? valid);
  return { method: "POST", url: "https://box.test/webhooks/whatsapp", headers, body: bytes };
};
const metadata = { display_phone_number: "15550783881", phone_number_id: "106540352242922" };
const envelope = (...values: object[]) => ({
  object: "whatsapp_business_account",
  entry: values.map((value) => ({
    id: "102290129340398",
    changes: [{ field: "messages", value: { messaging_product: "whatsapp", metadata, ...value } }],
  })),
});
const contacts = [{ profile: { name: "Sheena" }, wa_id: "16505551234" }];
const from = { from: "16505551234", timestamp: "1749416383" };

describe("a webhook", () => {
  it("is believed by its signature over the raw bytes only", async () => {
    const good = hook({ a: "ü" });
    expect(await channel.verify(good)).toBe(true);
    expect(await channel.verify({ ...good, body: new TextEncoder().encode('{"a":"u"}') })).toBe(false);
    expect(await channel.verify(hook({ a: 1 }, ""))).toBe(false);
    expect(await channel.verify(hook({ a: 1 }, "sha256="))).toBe(false);
    expect(await channel.verify(hook({ a: 1 }, good.headers.get("x-hub-signature-256")!))).toBe(false);
    const noSecret = createWhatsAppCloud({ ...SETTINGS, appSecret: "" });
    expect(await noSecret.verify(good)).toBe(false);
  });

  it("answers the subscription's challenge to who knows the token", () => {
    const url = (token: string) =>
      `https://box.test/w?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}`;
    expect(challengeOf("verify-me", url("verify-me"))).toBe("1158201444");
    expect(challengeOf("verify-me", url("verify-you"))).toBeUndefined();
    expect(challengeOf(undefined, url(""))).toBeUndefined();
    expect(challengeOf("verify-me", "https://box.test/w?hub.challenge=1&hub.verify_token=verify-me")).toBeUndefined();
  });

  it("tells messages and statuses of every entry and change", () => {
    const request = hook(
      envelope(
        {
          contacts,
          messages: [
            { ...from, id: "wamid.1", type: "text", text: { body: "Does it come?" }, context: { id: "wamid.0" } },
          ],
        },
        {
          contacts,
          messages: [
            {
              ...from,
              id: "wamid.2",
              type: "image",
              image: { id: "media-1", mime_type: "image/jpeg", caption: "Look" },
            },
            {
              ...from,
              id: "wamid.3",
              type: "interactive",
              interactive: { type: "button_reply", button_reply: { id: "y", title: "Yes" } },
            },
            {
              ...from,
              id: "wamid.4",
              type: "interactive",
              interactive: { type: "list_reply", list_reply: { id: "g", title: "Green" } },
            },
            { ...from, id: "wamid.5", type: "button", button: { payload: "p", text: "Stop promotions" } },
            { ...from, id: "wamid.6", type: "reaction", reaction: { emoji: "+" } },
          ],
        },
        {
          statuses: [
            {
              id: "wamid.7",
              status: "delivered",
              timestamp: "1",
              recipient_id: "16505551234",
              biz_opaque_callback_data: "message=m1&organization=o1",
            },
            {
              id: "wamid.8",
              status: "failed",
              recipient_id: "16505551234",
              errors: [{ code: 131047, title: "Re-engagement message", error_data: { details: "24 hours" } }],
            },
            { id: "wamid.9", status: "deleted", recipient_id: "16505551234" },
          ],
        },
      ),
    );
    const facts = channel.parse(request);
    expect(facts.map((fact) => fact.providerId)).toEqual([
      "wamid.1",
      "wamid.2",
      "wamid.3",
      "wamid.4",
      "wamid.5",
      "wamid.7",
      "wamid.8",
    ]);
    expect(facts[0]).toEqual({
      fact: "message_received",
      channel: "whatsapp",
      providerId: "wamid.1",
      from: { kind: "phone", value: "+16505551234" },
      to: "15550783881",
      inboundKey: "106540352242922",
      text: "Does it come?",
      media: [],
      profileName: "Sheena",
      inReplyTo: "wamid.0",
    });
    expect(facts[1]).toMatchObject({
      text: "Look",
      media: [{ url: "https://graph.test/v23.0/media-1", contentType: "image/jpeg" }],
    });
    expect(facts.slice(2, 5)).toMatchObject([
      { text: "Yes", choice: { kind: "button", id: "y", title: "Yes" } },
      { text: "Green", choice: { kind: "list", id: "g" } },
      { text: "Stop promotions", choice: { kind: "button", id: "p" } },
    ]);
    expect(facts[5]).toMatchObject({
      fact: "status_changed",
      status: "delivered",
      messageId: "m1",
      callbackData: "message=m1&organization=o1",
      to: "+16505551234",
    });
    expect(facts[6]).toMatchObject({ status: "failed", error: { class: "window", code: 131047, message: "24 hours" } });
    expect(numberIdsOf(request)).toEqual(["106540352242922"]);
  });

  it("knows a person without a number by their business-scoped id, and one with both by both", () => {
    const scoped = { id: "wamid.1", type: "text", text: { body: "Hi" }, from_user_id: "US.13491208655302741918" };
    const [alone] = channel.parse(
      hook(envelope({ contacts: [{ user_id: "US.13491208655302741918" }], messages: [scoped] })),
    );
    expect(alone).toMatchObject({ from: { kind: "whatsapp_bsuid", value: "US.13491208655302741918" } });
    const [both] = channel.parse(hook(envelope({ contacts, messages: [{ ...scoped, ...from }] })));
    expect(both).toMatchObject({
      from: { kind: "phone", value: "+16505551234" },
      alsoFrom: [{ kind: "whatsapp_bsuid", value: "US.13491208655302741918" }],
    });
  });

  it("never takes one person for another of the same delivery", () => {
    const [ada, eve] = [
      { wa_id: "16505550001", profile: { name: "Ada" } },
      { wa_id: "16505550002", user_id: "US.2", profile: { name: "Eve" } },
    ];
    const message = (sender: string) => ({ id: `wamid.${sender}`, from: sender, type: "text", text: { body: "STOP" } });
    const messages = [message("16505550002"), message("16505550003")];
    const [second, stranger] = channel.parse(hook(envelope({ contacts: [eve, ada], messages }))) as unknown as Record<
      string,
      unknown
    >[];
    expect(second).toMatchObject({ profileName: "Eve", alsoFrom: [{ value: "US.2" }] });
    expect([stranger!.profileName, stranger!.alsoFrom]).toEqual([undefined, undefined]);
    const [other] = channel.parse(hook(envelope({ contacts: [ada, eve], messages }))) as unknown as Record<
      string,
      unknown
    >[];
    expect(other).toMatchObject({ profileName: "Eve", alsoFrom: [{ value: "US.2" }] });
  });

  it.each([
    "",
    "[]",
    "null",
    "{",
    '{"entry":1}',
    '{"entry":[null,{"changes":[1,{"value":{"messages":[1,{}],"statuses":{}}}]}]}',
    '{"__proto__":{"entry":[]}}',
  ])("%j tells nothing", (body) => expect(channel.parse(hook(body))).toEqual([]));
});
