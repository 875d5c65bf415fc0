// What a message of ours holds beside its text, as its row keeps it and as its channel is given it.
import type { OutboundMessage } from "../../channels/channel.ts";
import type { JsonObject } from "../../lib/json.ts";

/** PERSISTED CONTRACT (messages.content of what we send). `isHtml`: the row's text is HTML. */
export type MessageContent = Pick<OutboundMessage, "mediaUrls" | "template" | "interactive" | "subject"> & {
  isHtml?: boolean;
};

/** Null when there is nothing but text. */
export const storedContent = (content: MessageContent): JsonObject | null => {
  const kept = Object.entries(content).filter(([, value]) => value !== undefined);
  return kept.length === 0 ? null : (JSON.parse(JSON.stringify(Object.fromEntries(kept))) as JsonObject);
};

/** `stored`: JSON text of the row, or what `storedContent` made. */
export const readContent = (stored: string | JsonObject | null): MessageContent =>
  (stored === null ? {} : typeof stored === "string" ? JSON.parse(stored) : stored) as MessageContent;

/** The row's text with its content, as a channel is given them. */
export const sentContent = (body: string, stored: string | JsonObject | null) => {
  const { isHtml, ...content } = readContent(stored);
  return { ...(isHtml ? { html: body } : { text: body }), ...content };
};
