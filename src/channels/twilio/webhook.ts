// The facts in Twilio's webhooks, by its guides "Twilio's request to your incoming message webhook URL" and "Outbound message status in
// status callbacks", 2026. Twilio adds parameters without notice: what is not read here is ignored.

import { type Address, type ChannelKind, type InboundFact, MESSAGE_ID_PARAM, type RawRequest } from "../channel.ts";
import { errorOf, statusOf } from "./answer.ts";
import { readFields } from "./form.ts";

type Fields = (name: string) => string;

/** Twilio sends at most ten media with a message. */
const MAX_MEDIA = 10;

const CONSENT = { STOP: "opt_out", START: "opt_in", HELP: "help" } as const;

/** A channel address taken apart; undefined for channels that we do not speak (`messenger:`, `rcs:`). */
const readAddress = (text: string): { channel: ChannelKind; address: Address } | undefined => {
  const [, prefix = "", value = ""] = /^(?:([a-z]+):)?(.*)$/is.exec(text.trim()) ?? [];
  if (value === "" || (prefix !== "" && prefix !== "whatsapp")) return undefined;
  if (prefix === "") return { channel: "sms", address: { kind: "phone", value } };
  const kind = /^\+?\d+$/.test(value) ? "phone" : "whatsapp_bsuid";
  return { channel: "whatsapp", address: { kind, value } };
};

const readMedia = (field: Fields) => {
  const count = Math.min(Number(field("NumMedia")) || 0, MAX_MEDIA);
  return Array.from({ length: count }, (_, index) => ({
    url: field(`MediaUrl${index}`),
    contentType: field(`MediaContentType${index}`),
  })).filter((medium) => medium.url !== "");
};

const readChoice = (field: Fields) => {
  if (field("ListId"))
    return { kind: "list" as const, id: field("ListId"), title: field("ListTitle") || field("Body") };
  const id = field("ButtonPayload") || field("ButtonText");
  return id ? { kind: "button" as const, id, title: field("ButtonText") || field("Body") } : undefined;
};

const readMessage = (providerId: string, field: Fields): InboundFact[] => {
  const from = readAddress(field("From"));
  const to = readAddress(field("To"));
  if (!from || !to) return [];
  const choice = readChoice(field);
  const bsuid = field("ExternalUserId").replace(/^whatsapp:/i, "");
  const consent = CONSENT[field("OptOutType").toUpperCase() as keyof typeof CONSENT];
  return [
    {
      fact: "message_received",
      channel: from.channel,
      providerId,
      from: from.address,
      ...(bsuid && bsuid !== from.address.value && { alsoFrom: [{ kind: "whatsapp_bsuid" as const, value: bsuid }] }),
      to: to.address.value,
      text: field("Body"),
      media: readMedia(field),
      ...(choice && { choice }),
      ...(field("ProfileName") && { profileName: field("ProfileName") }),
      ...(consent && { consent }),
      ...(field("OriginalRepliedMessageSid") && { inReplyTo: field("OriginalRepliedMessageSid") }),
    },
  ];
};

const readStatus = (providerId: string, text: string, field: Fields, url: string): InboundFact[] => {
  const status = statusOf(text);
  const to = readAddress(field("To"));
  const from = readAddress(field("From"));
  if (!status) return [];
  const messageId = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? "").get(MESSAGE_ID_PARAM);
  const error = errorOf(field("ErrorCode"), field("ErrorMessage"));
  return [
    {
      fact: "status_changed",
      channel: to?.channel ?? from?.channel ?? "sms",
      providerId,
      ...(messageId && { messageId }),
      status,
      ...(to && { to: to.address.value }),
      ...(from && { from: from.address.value }),
      ...(error && { error }),
    },
  ];
};

/** By what a webhook may name the sender of ours that it is about: the service, and either end of the message. */
export const inboundKeysOf = (request: RawRequest): string[] => {
  const form = readFields(request);
  const names = ["MessagingServiceSid", "To", "From"].map((name) => form.get(name) ?? "");
  return [...new Set(names.filter(Boolean))];
};

/** A received message, a changed status, or nothing. */
export const readWebhook = (request: RawRequest): InboundFact[] => {
  const form = readFields(request);
  const field: Fields = (name) => form.get(name) ?? "";
  const providerId = field("MessageSid") || field("SmsMessageSid") || field("SmsSid");
  if (providerId === "") return [];
  // An inbound message carries SmsStatus=received; only a callback carries MessageStatus.
  const isInbound = field("MessageStatus") === "" && ["", "received", "receiving"].includes(field("SmsStatus"));
  return isInbound
    ? readMessage(providerId, field)
    : readStatus(providerId, field("MessageStatus") || field("SmsStatus"), field, request.url);
};
