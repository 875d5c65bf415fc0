// A message from a person, as facts: what it says about consent, and the events that it is told by. Pure but for hashing and random ids; the
// `Contact` object keeps what it needs to know of earlier messages.
import type { Address, MessageReceived } from "../../channels/channel.ts";
import type { ConsentState, Identity } from "../../db/queries/contacts.ts";
import { newId } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import { conversationCreated, conversationIdOf } from "../conversation/conversation-id.ts";
import type { StreamEvent } from "../event.ts";
import { optWordOf } from "./opt-words.ts";
import { userCreated } from "./user-created.ts";

/** `source` names the provider in the events: `twilio`. */
export type InboundMessage = {
  organizationId: string;
  source: string;
  message: MessageReceived;
  /** The channel that it came in by; null or absent: one of the operator's variables. */
  channelId?: string | null;
};

/** PERSISTED CONTRACT: what a `Contact` object calls a conversation's place. */
export const placeOf = ({ message: { channel }, channelId }: InboundMessage): string =>
  channelId == null ? channel : `${channel}/${channelId}`;

export type InboundReceipt = { eventId: string; duplicate: boolean };

/** PERSISTED CONTRACT: what a `Contact` object knows of its contact. */
export type KnownContact = {
  contactId: string;
  /** False until the database has said whom the address leads to; `contactId` is then the one that it would get. */
  resolved: boolean;
  /** True when nobody is to be told any more that the contact is new. */
  announced: boolean;
  /** Places at which they have a conversation (`placeOf`). */
  channels: string[];
  /** Other addresses of theirs that lead to the contact as well. */
  linked?: string[];
};

/** PERSISTED CONTRACT: the name of the object that receives what comes from this address. */
export const contactObjectName = (organizationId: string, from: Address): string =>
  `${organizationId}/${from.kind}:${from.value}`;

/** PERSISTED CONTRACT: a provider may deliver a message more than once, under the same id. */
export const messageDedupeKey = ({ channel, providerId }: MessageReceived): string => `${channel}:${providerId}`;

export type ConsentChange = {
  state: ConsentState;
  source: string;
  /** A mere YES opts in only who had opted out: others may be answering a question. */
  onlyOptedOut: boolean;
};

/** The provider's own word for it wins (MESSAGING "Consent"). Undefined when the message says nothing about consent. */
export const consentOf = ({ text, consent }: MessageReceived, source: string): ConsentChange | undefined => {
  const word = optWordOf(text);
  const meaning = consent ?? word?.meaning;
  if (meaning === undefined || meaning === "help") return undefined;
  const named = word?.meaning === meaning ? `keyword:${word.word}` : source;
  if (meaning === "opt_in") return { state: "OPT_IN", source: named, onlyOptedOut: word?.word === "YES" };
  return { state: !word || word.word === "STOP" ? "STOP" : "OPT_OUT", source: named, onlyOptedOut: false };
};

/** The address as the database knows it. */
export const identityOf = ({ kind, value }: Address): Identity | undefined =>
  kind === "contact" ? undefined : { kind, value };

/** In the order in which they happened; the message is the last. `at` is epoch ms. */
export const eventsOf = async (inbound: InboundMessage, known: KnownContact, at: number): Promise<StreamEvent[]> => {
  const { organizationId, source, message, channelId = null } = inbound;
  const { contactId } = known;
  const { channel } = message;
  const conversationId = await conversationIdOf(contactId, channel, channelId);
  const about = { organizationId, source, contactId, conversationId, occurredAt: at, depth: 0 };
  const events: StreamEvent[] = [];
  if (!known.announced) events.push(userCreated(about, message.from));
  if (!known.channels.includes(placeOf(inbound))) events.push(conversationCreated(about, channel));
  events.push({ ...about, id: newId(at), type: "MESSAGE_RECEIVED", data: dataOf(message, channelId, at) });
  return events;
};

/** PERSISTED CONTRACT: data of MESSAGE_RECEIVED. `content` is the text, `username` what people call themselves. */
const dataOf = (message: MessageReceived, channelId: string | null, at: number): JsonObject => {
  const meaning = message.consent ?? optWordOf(message.text)?.meaning;
  return {
    message_id: newId(at),
    provider_id: message.providerId,
    channel: message.channel,
    ...(channelId === null ? {} : { channel_id: channelId }),
    from: message.from.value,
    to: message.to,
    content: message.text,
    media: message.media.map(({ url, contentType }) => ({ url, content_type: contentType })),
    ...(message.choice ? { choice: { ...message.choice, title: message.choice.title ?? null } } : {}),
    ...(message.profileName ? { profile_name: message.profileName, username: message.profileName } : {}),
    ...(message.inReplyTo ? { in_reply_to: message.inReplyTo } : {}),
    ...(meaning ? { consent: meaning } : {}),
    ...(message.consent ? { provider_answered: true } : {}),
  };
};
