// A contact has one conversation with each sender of ours. Its id follows from both, so that whoever writes first, they or we, means the same one.
import { derivedId, newId, timeOfId } from "../../lib/ids.ts";
import type { StreamEvent } from "../event.ts";

/** PERSISTED CONTRACT. `channelId`: the row of channels; null for those of the operator's variables, which have no row, and for `inapp`. */
export const conversationIdOf = (
  contactId: string,
  channel: string,
  channelId: string | null = null,
): Promise<string> =>
  derivedId(timeOfId(contactId) ?? 0, "conversation", contactId, channel, ...(channelId === null ? [] : [channelId]));

export const conversationCreated = (
  about: Pick<StreamEvent, "organizationId" | "source" | "occurredAt" | "depth"> & {
    contactId: string;
    conversationId: string;
  },
  channel: string,
): StreamEvent => ({
  ...about,
  id: newId(about.occurredAt),
  type: "CONVERSATION_CREATED",
  data: { conversation_id: about.conversationId, channel },
});

/** PERSISTED CONTRACT. */
export const conversationCreatedKey = (conversationId: string): string => `conversation.created:${conversationId}`;
