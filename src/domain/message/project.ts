// What events say about messages, as rows: people's messages with their conversations, and statuses of ours. For a whole batch of events:
// three statements when somebody wrote, one for each round of statuses, one when a status says that somebody opted out; none otherwise.
import type { ErrorClass } from "../../channels/channel.ts";
import { MESSAGE_STATUSES } from "../../channels/status.ts";
import { withdrawConsents } from "../../db/queries/consent.ts";
import { noteReceived } from "../../db/queries/contacts.ts";
import { openConversations } from "../../db/queries/conversations.ts";
import { insertReceived, raiseStatuses, type StatusReport } from "../../db/queries/messages.ts";
import { type Json, type JsonObject, own } from "../../lib/json.ts";
import { isTold } from "../event/words.ts";
import type { StreamEvent } from "../event.ts";
import type { Database } from "../ports.ts";
import { park, roundsOf } from "./parked.ts";

const CONSENT: ErrorClass = "consent";

export const projectMessages = (db: Database, events: readonly StreamEvent[]): D1PreparedStatement[] => {
  // Only what a provider told us becomes a message; anybody may send an event of that type through an API.
  const told = events.filter(isTold);
  const received = told.flatMap((event) => (event.type === "MESSAGE_RECEIVED" ? receivedOf(event) : []));
  const reports = told.flatMap((event) => (event.type === "MESSAGE_STATUS" ? [reportOf(event)] : []));
  return [
    ...(received.length > 0
      ? [insertReceived(db, received), openConversations(db, conversationsOf(received)), noteReceived(db, received)]
      : []),
    ...roundsOf(reports).map((round) => raiseStatuses(db, MESSAGE_STATUSES, round)),
    ...park(db, reports),
    ...withdrawals(db, told),
  ];
};

/** Carriers and Meta may tell only behind the answer that somebody has opted out. */
const withdrawals = (db: Database, told: readonly StreamEvent[]): D1PreparedStatement[] => {
  const said = told.filter(({ type, data }) => type === "MESSAGE_STATUS" && text(data, "error_class") === CONSENT);
  return said.length > 0 ? [withdrawConsents(db, said.map(reportOf))] : [];
};

const text = (data: JsonObject, key: string): string | null => {
  const value = own(data, key);
  return typeof value === "string" ? value : null;
};

const receivedOf = ({ organizationId, contactId, conversationId, data, occurredAt }: StreamEvent) => {
  const id = text(data, "message_id");
  if (id === null || contactId === undefined || conversationId === undefined) return [];
  const media = own(data, "media");
  const choice = own(data, "choice") ?? null;
  const content: Json =
    (Array.isArray(media) && media.length > 0) || choice !== null ? { media: media ?? [], choice } : null;
  return [
    {
      organizationId,
      id,
      contactId,
      conversationId,
      channel: text(data, "channel") ?? "",
      channelId: text(data, "channel_id"),
      sender: text(data, "from") ?? "",
      recipient: text(data, "to") ?? "",
      body: text(data, "content") ?? "",
      content,
      providerId: text(data, "provider_id") ?? "",
      name: text(data, "profile_name"),
      consent: text(data, "consent"),
      at: occurredAt,
    },
  ];
};

const conversationsOf = (received: ReturnType<typeof receivedOf>) => {
  const latest = new Map(received.map((one) => [`${one.organizationId}/${one.conversationId}`, one]));
  return [...latest.values()].map(({ organizationId, conversationId: id, contactId, channel, channelId, at }) => ({
    organizationId,
    id,
    contactId,
    channel,
    channelId,
    at,
  }));
};

const reportOf = ({ organizationId, data, occurredAt }: StreamEvent): StatusReport => ({
  organizationId,
  id: text(data, "message_id"),
  providerId: text(data, "provider_id"),
  status: text(data, "status") ?? "",
  errorCode: text(data, "error_code"),
  errorName: text(data, "error_name"),
  error: text(data, "error"),
  at: occurredAt,
});
