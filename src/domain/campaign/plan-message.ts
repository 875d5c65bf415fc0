// What is to happen with one recipient now: their message goes, waits, or will never go, and why. Pure: who the contact is and what they were
// sent comes in; the send gate (domain/message/gates.ts) judges.

import type { Recipient } from "../../db/queries/campaign-messages.ts";
import { hash32 } from "../../lib/hash.ts";
import type { JsonObject } from "../../lib/json.ts";
import { type Choice, chooseChannel, knownAs, type OrganizationChannels, type Sender } from "../message/channels.ts";
import { type MessageContent, storedContent } from "../message/content.ts";
import { gateFacts } from "../message/gate-facts.ts";
import { type GateReport, judgeGates } from "../message/gates.ts";
import type { MessagingPolicy } from "../message/policy.ts";
import { renderMessage } from "../template/message-template.ts";
import type { RunRules, RunSettings } from "./run.ts";

/** What stands in the message's row, whether it goes or not. */
export type Wanted = {
  channel: string;
  channelId: string | null;
  sender: string;
  recipient: string;
  body: string;
  content: JsonObject | null;
  segments: number | null;
};

export type Plan =
  | { step: "send"; wanted: Wanted; sender: Sender; address: string; content: MessageContent }
  /** `until`: epoch ms. */
  | { step: "hold"; wanted: Wanted; until: number; report: GateReport }
  /** Never: a gate that no time opens. */
  | { step: "suppress"; wanted: Wanted; report: GateReport }
  | { step: "fail"; wanted: Wanted; code: string; reason: string };

/** Those who were held back until the same minute come spread over so long a time. */
const JITTER_MS = 60_000;

/** What `{name}` may name: the contact's attributes, and what we know of them beside. An attribute wins. */
const valuesOf = ({ name, identities, attributes }: Recipient): JsonObject => {
  const identity = (kind: string) => identities.find((one) => one.kind === kind)?.value ?? null;
  return {
    name,
    phone: identity("phone"),
    phone_e164: identity("phone"),
    email: identity("email"),
    external_id: identity("external_id"),
    ...attributes,
  };
};

/** Numbered from 1, as the provider's template counts them. */
const numbered = (contentSid: string, variables: readonly string[], values: JsonObject, content: string) => ({
  contentSid,
  variables: Object.fromEntries(
    variables.map((name, index) => {
      const written = new RegExp(`\\{${name.replaceAll(".", "\\.")}(?:\\|[^{}]*)?\\}`).exec(content)?.[0];
      const rendered = renderMessage(written ?? `{${name}|}`, values);
      return [String(index + 1), rendered.ok ? rendered.value : ""];
    }),
  ),
});

export const senderFor = (channels: OrganizationChannels, settings: RunSettings, recipient: Recipient): Choice =>
  chooseChannel(channels, recipient, settings.channel ?? undefined, undefined);

const wantedOf = ({ sender, address }: Extract<Choice, { ok: true }>, recipient: Recipient, body: string): Wanted => ({
  channel: sender.channel.kind,
  channelId: sender.channelId,
  sender: sender.sender,
  // In the app nobody has an address.
  recipient: sender.channel.capabilities.addressedBy === "contact" ? knownAs(recipient) : address,
  body,
  content: null,
  segments: sender.channel.countSegments?.(body) ?? null,
});

export const planMessage = (of: {
  settings: RunSettings;
  rules: RunRules;
  policy: MessagingPolicy;
  recipient: Recipient;
  choice: Choice;
  /** With this sender. */
  conversationId: string;
  now: number;
}): Plan => {
  const { settings, rules, policy, recipient, choice, now } = of;
  if (!choice.ok) {
    const nowhere = {
      channel: settings.channel ?? "",
      channelId: null,
      sender: "",
      body: "",
      content: null,
      segments: null,
    };
    const wanted = { ...nowhere, recipient: knownAs(recipient) };
    return { step: "fail", wanted, code: choice.code, reason: choice.message };
  }
  const { sender, address } = choice;
  const { kind, capabilities } = sender.channel;
  const values = valuesOf(recipient);
  const rendered = renderMessage(settings.content, values);
  const wanted = wantedOf(choice, recipient, rendered.ok ? rendered.value : "");
  if (!rendered.ok) {
    const missing = rendered.error.missing.map((name) => `{${name}}`).join(", ");
    return { step: "fail", wanted, code: "MISSING_VARIABLE", reason: `The contact has no value for ${missing}` };
  }
  if (wanted.body.length > capabilities.maxText) {
    const reason = `The text has ${wanted.body.length} characters; ${kind} takes ${capabilities.maxText}`;
    return { step: "fail", wanted, code: "TOO_LONG", reason };
  }
  const { contentSid, variables } = settings;
  const template = contentSid !== null && capabilities.templates;
  const facts = gateFacts({
    recipient,
    sender,
    conversationId: of.conversationId,
    policy,
    plannedEpoch: undefined,
    template: template ? { use: "fallback", problem: null } : { use: "none" },
    now,
  });
  const { quietStart: start, quietEnd: end } = rules;
  const isQuiet = start !== null && end !== null && kind !== "inapp";
  const quietHours = [...facts.quietHours, ...(isQuiet ? [{ start, end }] : [])];
  const report = judgeGates({ ...facts, quietHours }, now);
  if (report.passed) {
    const content: MessageContent =
      report.useTemplate && contentSid !== null
        ? { template: numbered(contentSid, variables, values, settings.content) }
        : {};
    return { step: "send", wanted: { ...wanted, content: storedContent(content) }, sender, address, content };
  }
  if (report.earliestAt === null) return { step: "suppress", wanted, report };
  const jitter = hash32(`${settings.campaignId}:${recipient.id}`) % JITTER_MS;
  return { step: "hold", wanted, until: report.earliestAt + jitter, report };
};
