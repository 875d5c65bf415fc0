// The facts in Meta's webhooks: entry × changes × (messages | statuses), by its "Webhooks reference", 2026-11. Meta adds fields and kinds without
// notice: what is not read here is ignored, and one odd part does not hide the others.
import { sameText } from "../../lib/constant-time.ts";
import { hmac } from "../../lib/hmac.ts";
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import { type Address, type InboundFact, MESSAGE_ID_PARAM, type RawRequest } from "../channel.ts";
import type { MessageStatus } from "../status.ts";
import { metaError } from "./errors.ts";
import { graphUrl, type WhatsAppCloudSettings } from "./settings.ts";

/** `X-Hub-Signature-256: sha256=` hex HMAC-SHA256(appSecret, raw bytes). False without a secret or a signature. */
export const verifyHub = async (appSecret: string | undefined, request: RawRequest): Promise<boolean> => {
  const given = request.headers.get("x-hub-signature-256") ?? "";
  if (!appSecret || given === "") return false;
  const digest = new Uint8Array(await hmac("SHA-256", appSecret, request.body));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return sameText(given, `sha256=${hex}`);
};

/** The text to echo when Meta subscribes; undefined for anybody else. */
export const challengeOf = (verifyToken: string | undefined, url: string): string | undefined => {
  const query = new URL(url).searchParams;
  if (!verifyToken || query.get("hub.mode") !== "subscribe") return undefined;
  return sameText(query.get("hub.verify_token") ?? "", verifyToken)
    ? (query.get("hub.challenge") ?? undefined)
    : undefined;
};

const list = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);
const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const part = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

const bodyOf = ({ body }: RawRequest): JsonObject => {
  try {
    return part(JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body)) as Json);
  } catch {
    return {};
  }
};

const valuesOf = (request: RawRequest): JsonObject[] =>
  list(bodyOf(request).entry).flatMap((entry) => list(entry.changes).map(({ value }) => part(value)));

const numberIdOf = (value: JsonObject): string => text(part(value.metadata).phone_number_id);

/** Ids of our numbers that a webhook is about. */
export const numberIdsOf = (request: RawRequest): string[] => [
  ...new Set(valuesOf(request).map(numberIdOf).filter(Boolean)),
];

const MEDIA = ["image", "video", "audio", "document", "sticker"] as const;

/** Media come as ids: the URL tells where they are, to who has the number's token. */
const mediaOf = (settings: WhatsAppCloudSettings, message: JsonObject) =>
  MEDIA.flatMap((kind) => {
    const medium = part(message[kind]);
    const id = text(medium.id);
    return id ? [{ url: graphUrl(settings, encodeURIComponent(id)), contentType: text(medium.mime_type) }] : [];
  });

const choiceOf = (message: JsonObject) => {
  const { button_reply, list_reply } = part(message.interactive);
  for (const [kind, reply] of [
    ["button", part(button_reply)],
    ["list", part(list_reply)],
  ] as const)
    if (text(reply.id)) return { kind, id: text(reply.id), title: text(reply.title) };
  const { payload, text: title } = part(message.button);
  return text(payload) || text(title)
    ? { kind: "button" as const, id: text(payload) || text(title), title: text(title) }
    : undefined;
};

const textOf = (message: JsonObject): string => {
  const caption = MEDIA.map((kind) => text(part(message[kind]).caption)).find(Boolean);
  return text(part(message.text).body) || caption || choiceOf(message)?.title || "";
};

const phoneOf = (id: string): Address | undefined =>
  /^\d{5,20}$/.test(id) ? { kind: "phone", value: `+${id}` } : undefined;
const scopedOf = (id: string): Address | undefined => (id ? { kind: "whatsapp_bsuid", value: id } : undefined);

const readMessage = (settings: WhatsAppCloudSettings, value: JsonObject, message: JsonObject): InboundFact[] => {
  const contacts = list(value.contacts);
  const sender = text(message.from);
  const is = (id: Json | undefined, wanted: string): boolean => wanted !== "" && text(id) === wanted;
  // A single one may be written otherwise (Brazil's ninth digit); of several, none that does not say so is the sender.
  const contact =
    contacts.find(({ wa_id, user_id }) => is(wa_id, sender) || is(user_id, text(message.from_user_id))) ??
    (contacts.length === 1 ? contacts[0] : undefined) ??
    {};
  const scoped = scopedOf(text(message.from_user_id) || text(contact.user_id));
  const from = phoneOf(sender) ?? scoped ?? scopedOf(sender);
  const providerId = text(message.id);
  // Of what is not written by the person (system notes, reactions) nothing is made.
  if (!from || !providerId || ["system", "reaction", "unsupported"].includes(text(message.type))) return [];
  const choice = choiceOf(message);
  const profileName = text(part(contact.profile).name);
  const inReplyTo = text(part(message.context).id);
  return [
    {
      fact: "message_received",
      channel: "whatsapp",
      providerId,
      from,
      ...(scoped && scoped.value !== from.value && { alsoFrom: [scoped] }),
      to: text(part(value.metadata).display_phone_number) || numberIdOf(value),
      inboundKey: numberIdOf(value),
      text: textOf(message),
      media: mediaOf(settings, message),
      ...(choice && { choice }),
      ...(profileName && { profileName }),
      ...(inReplyTo && { inReplyTo }),
    },
  ];
};

const STATUSES: Readonly<Record<string, MessageStatus>> = {
  accepted: "accepted",
  sent: "sent",
  delivered: "delivered",
  read: "read",
  played: "read",
  failed: "failed",
};

const readStatus = (value: JsonObject, told: JsonObject): InboundFact[] => {
  const status = STATUSES[text(told.status)];
  const providerId = text(told.id);
  if (!status || !providerId) return [];
  const [error] = list(told.errors);
  const data = text(told.biz_opaque_callback_data);
  const messageId = new URLSearchParams(data).get(MESSAGE_ID_PARAM);
  const to = phoneOf(text(told.recipient_id)) ?? scopedOf(text(told.recipient_id));
  return [
    {
      fact: "status_changed",
      channel: "whatsapp",
      providerId,
      ...(messageId && { messageId, callbackData: data }),
      inboundKey: numberIdOf(value),
      status,
      ...(to && { to: to.value }),
      ...(error && {
        error: metaError(
          Number(error.code),
          text(part(error.error_data).details) || text(error.message) || text(error.title),
        ),
      }),
    },
  ];
};

export const readHub = (settings: WhatsAppCloudSettings, request: RawRequest): InboundFact[] =>
  valuesOf(request).flatMap((value) => [
    ...list(value.messages).flatMap((message) => readMessage(settings, value, message)),
    ...list(value.statuses).flatMap((told) => readStatus(value, told)),
  ]);
