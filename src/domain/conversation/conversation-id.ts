// A contact has one conversation on each channel. Its id follows from both, so that whoever writes first, they or we, means the same one.
import { derivedId, newId, timeOfId } from "../../lib/ids.ts";
import type { StreamEvent } from "../event.ts";

/** PERSISTED CONTRACT. */
export const conversationIdOf = (contactId: string, channel: string): Promise<string> =>
  derivedId(timeOfId(contactId) ?? 0, "conversation", contactId, channel);

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
