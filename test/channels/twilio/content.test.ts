// Buttons and lists through Twilio: made content on WhatsApp, a numbered list on SMS and wherever no content could be made.
import { describe, expect, it } from "vitest";
import type { Interactive } from "../../../src/channels/channel.ts";
import { createTwilio } from "../../../src/channels/twilio.ts";

const account = { accountSid: "AC1", authToken: "t", publicUrl: "https://box.test" };
const bases = { apiBaseUrl: "https://api.test", contentBaseUrl: "https://content.test" };
const buttons: Interactive = { kind: "buttons", buttons: [{ id: "y", title: "Yes" }], header: "Menu" };
const list: Interactive = { kind: "list", button: "Choose", rows: [{ id: "g", title: "Green", description: "fresh" }] };

const send = async (kind: "sms" | "whatsapp", text: string, interactive: Interactive, content: () => Response) => {
  const asked: { url: string; body: string }[] = [];
  const channel = createTwilio({ kind, from: "+15550000000", ...account, ...bases });
  const outcome = await channel.send(
    { id: "m", to: "+15550000001", text, interactive },
    {
      now: () => 0,
      fetch: (async (url: string, init: RequestInit) => {
        asked.push({ url, body: String(init.body) });
        return url.includes("/v1/Content")
          ? content()
          : Response.json({ sid: "SM1", status: "queued" }, { status: 201 });
      }) as typeof fetch,
    },
  );
  return { outcome, asked };
};
const made = () => Response.json({ sid: "HX1" }, { status: 201 });

describe("on WhatsApp", () => {
  it("content is made once and sent by its id", async () => {
    const first = await send("whatsapp", "Tea?", buttons, made);
    expect(first.asked.map(({ url }) => url)).toEqual([
      "https://content.test/v1/Content",
      "https://api.test/2010-04-01/Accounts/AC1/Messages.json",
    ]);
    expect(JSON.parse(first.asked[0]!.body)).toMatchObject({
      language: "en",
      types: {
        "twilio/quick-reply": { body: "Menu\n\nTea?", actions: [{ type: "QUICK_REPLY", title: "Yes", id: "y" }] },
      },
    });
    const form = new URLSearchParams(first.asked[1]!.body);
    expect([form.get("ContentSid"), form.get("Body"), form.get("To")]).toEqual(["HX1", null, "whatsapp:+15550000001"]);
    expect((await send("whatsapp", "Tea?", buttons, made)).asked.length).toBe(1);
    const other = await send("whatsapp", "Which?", list, made);
    expect(JSON.parse(other.asked[0]!.body).types).toEqual({
      "twilio/list-picker": {
        body: "Which?",
        button: "Choose",
        items: [{ id: "g", item: "Green", description: "fresh" }],
      },
    });
  });

  it.each([
    ["refused", () => Response.json({ code: 20003 }, { status: 401 })],
    ["odd", () => new Response("<html>")],
  ])("a numbered list goes when making it is %s, and nothing is in doubt", async (word, content) => {
    const { asked, outcome } = await send("whatsapp", `Tea, ${word}?`, buttons, content);
    expect(new URLSearchParams(asked[1]!.body).get("Body")).toBe(`Menu\n\nTea, ${word}?\n\n1. Yes`);
    expect(outcome).toMatchObject({ outcome: "accepted", providerId: "SM1" });
  });

  it("what WhatsApp would refuse is a numbered list, and no content is made", async () => {
    const long: Interactive = { kind: "buttons", buttons: [{ id: "y", title: "x".repeat(21) }] };
    const { asked, outcome } = await send("whatsapp", "Tea?", long, made);
    expect(outcome).toMatchObject({ outcome: "accepted" });
    expect(asked.map(({ body }) => new URLSearchParams(body).get("Body"))).toEqual([`Tea?\n\n1. ${"x".repeat(21)}`]);
  });
});

it("on SMS it is a numbered list, and its segments are those of the whole", async () => {
  const { asked, outcome } = await send("sms", "x".repeat(150), buttons, made);
  expect(new URLSearchParams(asked[0]!.body).get("Body")).toBe(`Menu\n\n${"x".repeat(150)}\n\n1. Yes`);
  expect(outcome).toMatchObject({ outcome: "accepted", segments: 2 });
});
