// What is to happen with one recipient: the text, the template, and what holds it back.
import { describe, expect, it } from "vitest";
import { inapp } from "../../../src/channels/inapp.ts";
import { createTwilio } from "../../../src/channels/twilio.ts";
import type { Recipient } from "../../../src/db/queries/campaign-messages.ts";
import { planMessage, senderFor } from "../../../src/domain/campaign/plan-message.ts";
import type { RunRules, RunSettings } from "../../../src/domain/campaign/run.ts";
import type { OrganizationChannels } from "../../../src/domain/message/channels.ts";
import { NO_POLICY } from "../../../src/domain/message/policy.ts";

const NOON = Date.UTC(2026, 0, 15, 12);
const account = {
  accountSid: "AC1",
  authToken: "t",
  apiBaseUrl: "https://twilio.test",
  publicUrl: "https://signalbox.test",
};
const sender = (kind: "sms" | "whatsapp") => ({
  channelId: null,
  channel: createTwilio({ kind, from: "+15550001111", ...account }),
  sender: "+15550001111",
  rate: 1,
});
const channels: OrganizationChannels = {
  configured: [sender("sms"), sender("whatsapp")],
  inapp: { channelId: null, channel: inapp, sender: "", rate: null },
  callbackUrl: undefined,
};

const settings: RunSettings = {
  organizationId: "o",
  campaignId: "c",
  startedAt: NOON,
  content: "Hi {name}, {city|your city}!",
  variables: ["name", "city"],
  contentSid: null,
  channel: null,
};
const rules: RunRules = { rate: null, quietStart: null, quietEnd: null, onUnknown: "park" };

const person = (more: Partial<Recipient> = {}): Recipient => ({
  id: "p",
  name: "Ada",
  timezone: "Etc/UTC",
  consentState: null,
  consentEpoch: 0,
  identities: [{ kind: "phone", value: "+14155551234" }],
  lastInboundAt: {},
  sent: [],
  attributes: {},
  ...more,
});

const plan = (recipient: Recipient, of: { settings?: Partial<RunSettings>; rules?: Partial<RunRules> } = {}) => {
  const all = { ...settings, ...of.settings };
  return planMessage({
    settings: all,
    rules: { ...rules, ...of.rules },
    policy: NO_POLICY,
    recipient,
    choice: senderFor(channels, all, recipient),
    conversationId: "conversation",
    now: NOON,
  });
};

describe("a recipient", () => {
  it("gets the text made of what is known of them; an attribute wins over the name", () => {
    expect(plan(person())).toMatchObject({
      step: "send",
      wanted: { body: "Hi Ada, your city!", channel: "sms", segments: 1 },
    });
    expect(plan(person({ attributes: { name: "Countess", city: "London" } }))).toMatchObject({
      wanted: { body: "Hi Countess, London!" },
    });
  });

  it("of whom a variable is not known gets nothing, and the reason names it", () => {
    expect(plan(person({ name: null }))).toMatchObject({
      step: "fail",
      code: "MISSING_VARIABLE",
      reason: "The contact has no value for {name}",
    });
  });

  it("whose text no channel takes gets nothing", () => {
    expect(plan(person({ name: "x".repeat(1_600) }))).toMatchObject({ step: "fail", code: "TOO_LONG" });
  });

  it("without a number is reached in the app, unless the campaign is for a channel", () => {
    const nobody = person({ identities: [] });
    expect(plan(nobody)).toMatchObject({ step: "send", wanted: { channel: "inapp" } });
    expect(plan(nobody, { settings: { channel: "sms" } })).toMatchObject({ step: "fail", code: "NO_ADDRESS" });
  });

  it("who has not written on WhatsApp for a day gets the approved template, or nothing", () => {
    const onWhatsapp = { channel: "whatsapp" };
    expect(plan(person(), { settings: onWhatsapp })).toMatchObject({ step: "suppress", report: { failed: "window" } });
    const approved = { ...onWhatsapp, contentSid: `HX${"0".repeat(32)}` };
    expect(plan(person(), { settings: approved })).toMatchObject({
      step: "send",
      content: { template: { contentSid: approved.contentSid, variables: { "1": "Ada", "2": "your city" } } },
    });
    const talking = person({ lastInboundAt: { conversation: NOON - 3_600_000 } });
    expect(plan(talking, { settings: approved })).toMatchObject({ step: "send", content: {} });
  });

  it("who sleeps waits until their window opens, and at most a minute more", () => {
    const quiet = { quietStart: "11:00", quietEnd: "13:00" };
    const held = plan(person(), { rules: quiet });
    expect(held).toMatchObject({ step: "hold", report: { failed: "quiet_hours" } });
    const { until } = held as { until: number };
    expect(until).toBeGreaterThanOrEqual(NOON + 3_600_000);
    expect(until).toBeLessThan(NOON + 3_660_000);
    expect(plan(person({ timezone: "Asia/Tokyo" }), { rules: quiet })).toMatchObject({ step: "send" });
  });

  it("who has opted out gets nothing, whatever else holds", () => {
    expect(plan(person({ consentState: "STOP" }), { rules: { quietStart: "11:00", quietEnd: "13:00" } })).toMatchObject(
      {
        step: "suppress",
        report: { failed: "consent" },
      },
    );
  });
});
