// A status that a provider tells of, as the event of the stream that it is.
import type { StatusChanged } from "../../channels/channel.ts";
import { newId } from "../../lib/ids.ts";
import type { StreamEvent } from "../event.ts";
import { readCallbackUrl } from "./callback-url.ts";

/** Deduped on the provider's id and the status. */
export const statusEvent = (told: {
  /** Whose channel it was signed for; `channelId` null: one of the operator's variables. */
  door: { organizationId: string; channelId: string | null };
  source: string;
  status: StatusChanged;
  /** The callback's URL, which the provider has signed. */
  url: string;
  now: number;
}): { event: StreamEvent; dedupeKey: string } => {
  const { source, status, now } = told;
  const { channel, providerId, messageId, error, callbackData } = status;
  const ours = readCallbackUrl(callbackData === undefined ? told.url : `https://callback.invalid/?${callbackData}`);
  // Who has a channel of their own signs what they like: it counts for their organisation only.
  const organizationId =
    told.door.channelId === null ? (ours.organizationId ?? told.door.organizationId) : told.door.organizationId;
  const { contactId } = ours;
  return {
    event: {
      id: newId(now),
      organizationId,
      type: "MESSAGE_STATUS",
      source,
      ...(contactId === undefined ? {} : { contactId }),
      data: {
        provider_id: providerId,
        channel,
        status: status.status,
        ...(messageId === undefined ? {} : { message_id: messageId }),
        ...(status.to === undefined ? {} : { to: status.to }),
        ...(error
          ? {
              error_code: String(error.code ?? error.class),
              error_class: error.class,
              error_name: error.name,
              error: error.message,
            }
          : {}),
      },
      occurredAt: now,
      depth: 0,
    },
    // PERSISTED CONTRACT.
    dedupeKey: `status:${providerId}:${status.status}`,
  };
};
