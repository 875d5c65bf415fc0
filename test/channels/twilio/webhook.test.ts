// The facts in Twilio's webhooks, with the bodies of its guides and of the stream API's document.
import { describe, expect, it } from "vitest";
import { signatureOf } from "../../../src/channels/twilio/signature.ts";
import { createTwilio } from "../../../src/channels/twilio.ts";

const twilio = createTwilio({ kind: "sms", accountSid: "AC1", authToken: "t", publicUrl: "https://box.example.com" });
const request = (
  fields: Record<string, string> | [string, string][],
  path = "/webhooks/inbound",
  signature?: string,
) => ({
  method: "POST",
  url: `http://127.0.0.1:8787${path}`,
  headers: new Headers({
    "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
    ...(signature && { "x-twilio-signature": signature }),
  }),
  body: new TextEncoder().encode(new URLSearchParams(fields).toString()),
});
const inbound = {
  MessageSid: "SM1",
  From: "whatsapp:+14155551234",
  To: "whatsapp:+15551234567",
  Body: "Hello",
  NumMedia: "0",
};

describe("verify", () => {
  it("checks against the public URL", async () => {
    const pairs = Object.entries(inbound);
    const signature = await signatureOf("t", "https://box.example.com/webhooks/inbound", pairs);
    expect(await twilio.verify(request(inbound, "/webhooks/inbound", signature))).toBe(true);
    expect(await twilio.verify(request({ ...inbound, Body: "Bye" }, "/webhooks/inbound", signature))).toBe(false);
    expect(await twilio.verify(request(inbound))).toBe(false);
  });
});

describe("a received message", () => {
  const facts = (more: Record<string, string>) => twilio.parse(request({ ...inbound, ...more }));
  const base = {
    fact: "message_received",
    channel: "whatsapp",
    providerId: "SM1",
    from: { kind: "phone", value: "+14155551234" },
    to: "+15551234567",
    text: "Hello",
    media: [],
  };
  it("by WhatsApp", () => expect(facts({})).toEqual([base]));
  it("by SMS", () => {
    expect(facts({ From: "+14155551234", To: "+15551234567", SmsStatus: "received", SmsMessageSid: "SM1" })).toEqual([
      { ...base, channel: "sms" },
    ]);
  });
  it("from a business-scoped id without a number, and from both", () => {
    expect(facts({ From: "whatsapp:US.ABC123XYZ", ExternalUserId: "US.ABC123XYZ" })).toEqual([
      { ...base, from: { kind: "whatsapp_bsuid", value: "US.ABC123XYZ" } },
    ]);
    expect(facts({ ExternalUserId: "whatsapp:US.ABC123XYZ" })).toEqual([
      { ...base, alsoFrom: [{ kind: "whatsapp_bsuid", value: "US.ABC123XYZ" }] },
    ]);
  });
  it("with media", () => {
    const fields = {
      Body: "",
      NumMedia: "2",
      MediaUrl0: "https://api.twilio.com/m/0",
      MediaContentType0: "image/jpeg",
      MediaUrl1: "https://api.twilio.com/m/1",
      MediaContentType1: "audio/ogg",
    };
    expect(facts(fields)).toEqual([
      {
        ...base,
        text: "",
        media: [
          { url: "https://api.twilio.com/m/0", contentType: "image/jpeg" },
          { url: "https://api.twilio.com/m/1", contentType: "audio/ogg" },
        ],
      },
    ]);
    expect(facts({ NumMedia: "1000000000" })).toEqual([base]);
    expect(facts({ NumMedia: "-1" })).toEqual([base]);
    expect(facts({ NumMedia: "x" })).toEqual([base]);
  });
  it("a tapped button, a chosen row", () => {
    const button = { Body: "Yes!", ButtonText: "Yes!", ButtonPayload: "yes_1", OriginalRepliedMessageSid: "SM0" };
    expect(facts(button)).toEqual([
      { ...base, text: "Yes!", choice: { kind: "button", id: "yes_1", title: "Yes!" }, inReplyTo: "SM0" },
    ]);
    expect(facts({ Body: "Red", ButtonText: "Red" })).toMatchObject([
      { choice: { kind: "button", id: "Red", title: "Red" } },
    ]);
    expect(facts({ Body: "Blue", ListId: "row-2", ListTitle: "Blue" })).toMatchObject([
      { choice: { kind: "list", id: "row-2", title: "Blue" } },
    ]);
  });
  it("the profile's name", () => expect(facts({ ProfileName: "Ada" })).toEqual([{ ...base, profileName: "Ada" }]));
  it.each([
    ["STOP", "opt_out"],
    ["START", "opt_in"],
    ["HELP", "help"],
  ])("OptOutType %s: Twilio has answered", (OptOutType, consent) => {
    expect(facts({ OptOutType })).toEqual([{ ...base, consent }]);
  });
  it("ignores an OptOutType that it does not know", () => {
    for (const OptOutType of ["", "constructor", "OTHER"]) expect(facts({ OptOutType })).toEqual([base]);
  });
  it("in JSON", () => {
    const told = (body: unknown) => ({
      ...request({}),
      headers: new Headers({ "content-type": "application/json" }),
      body: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)),
    });
    expect(twilio.parse(told({ ...inbound, NumMedia: 0, More: { a: [1] } }))).toEqual([base]);
    for (const none of ["", "{", "[]", "null", { ...inbound, MessageSid: ["SM1"] }])
      expect(twilio.parse(told(none))).toEqual([]);
  });
  it("the first of repeated fields counts", () => {
    expect(twilio.parse(request([...Object.entries(inbound), ["Body", "second"]]))).toEqual([base]);
  });
});

describe("a changed status", () => {
  const callback = {
    MessageSid: "SM1",
    MessageStatus: "delivered",
    To: "+14155551234",
    From: "+15551234567",
    ErrorCode: "",
  };
  const facts = (more: Record<string, string>, path?: string) => twilio.parse(request({ ...callback, ...more }, path));
  const base = {
    fact: "status_changed",
    channel: "sms",
    providerId: "SM1",
    status: "delivered",
    to: "+14155551234",
    from: "+15551234567",
  };
  it("as the stream API's document shows it", () => expect(facts({})).toEqual([base]));
  it("with our message id from the callback's URL", () => {
    const messageId = "0190aaaa-0000-7000-8000-000000000001";
    expect(facts({}, `/webhooks/status?message=${messageId}`)).toEqual([{ ...base, messageId }]);
    expect(facts({}, `/webhooks/status?x=1&message=${messageId}#f`)).toEqual([{ ...base, messageId }]);
  });
  it.each([
    "accepted",
    "scheduled",
    "queued",
    "sending",
    "sent",
    "delivered",
    "read",
    "failed",
    "undelivered",
    "canceled",
  ])("%s", (status) => expect(facts({ MessageStatus: status })).toEqual([{ ...base, status }]));
  it("in any case, and partially delivered as sent", () => {
    expect(facts({ MessageStatus: "Delivered" })).toEqual([base]);
    expect(facts({ MessageStatus: "partially_delivered" })).toEqual([{ ...base, status: "sent" }]);
  });
  it("with the error's own name", () => {
    expect(facts({ MessageStatus: "undelivered", ErrorCode: "63016" })).toEqual([
      {
        ...base,
        status: "undelivered",
        error: {
          class: "window",
          code: 63016,
          name: "Failed to send freeform message because you are outside the allowed window",
          message: "Failed to send freeform message because you are outside the allowed window",
        },
      },
    ]);
    expect(facts({ MessageStatus: "failed", ErrorCode: "12345", ErrorMessage: "Odd" })).toMatchObject([
      { error: { class: "unknown", code: 12345, name: "Twilio error 12345", message: "Odd" } },
    ]);
    for (const ErrorCode of ["0", "x", "-5", "1.5"]) expect(facts({ ErrorCode })).toEqual([base]);
  });
  it("by WhatsApp, to a number or a business-scoped id", () => {
    expect(facts({ To: "whatsapp:+14155551234", From: "whatsapp:+15551234567", MessageStatus: "read" })).toEqual([
      { ...base, channel: "whatsapp", status: "read" },
    ]);
    expect(facts({ To: "whatsapp:US.ABC", From: "whatsapp:+15551234567" })).toMatchObject([
      { channel: "whatsapp", to: "US.ABC" },
    ]);
  });
  it("by the older names", () => {
    const { MessageSid: _, MessageStatus: __, ...rest } = callback;
    expect(twilio.parse(request({ ...rest, SmsSid: "SM1", SmsStatus: "sent" }))).toEqual([{ ...base, status: "sent" }]);
  });
});

describe("nothing", () => {
  it.each([
    {},
    { From: "+1", To: "+2", Body: "no id" },
    { ...inbound, From: "" },
    { ...inbound, From: "whatsapp:" },
    { ...inbound, From: "messenger:123" },
    { MessageSid: "SM1", MessageStatus: "constructor" },
    { MessageSid: "SM1", MessageStatus: "teleported" },
  ] as Record<string, string>[])("in %j", (fields) => expect(twilio.parse(request(fields))).toEqual([]));
  it("in a body of another type", () => {
    const json = { ...request(inbound), headers: new Headers({ "content-type": "application/json" }) };
    expect(twilio.parse(json)).toEqual([]);
  });
});
