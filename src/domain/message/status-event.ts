// A status that a provider tells of, as the event of the stream that it is.
import type { StatusChanged } from "../../channels/channel.ts";
import { newId } from "../../lib/ids.ts";
import type { StreamEvent } from "../event.ts";
import { readCallbackUrl } from "./callback-url.ts";

/** `organizationId`: whose it is when the callback's own URL does not say. Deduped on the provider's id and the status. */
export const statusEvent = (told: {
  organizationId: string;
  source: string;
  status: StatusChanged;
  /** The callback's URL, which the provider has signed. */
  url: string;
  now: number;
}): { event: StreamEvent; dedupeKey: string } => {
  const { source, status, now } = told;
  const { organizationId = told.organizationId, contactId } = readCallbackUrl(told.url);
  const { channel, providerId, messageId, error } = status;
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
          ? { error_code: String(error.code ?? error.class), error_name: error.name, error: error.message }
          : {}),
      },
      occurredAt: now,
      depth: 0,
    },
    // PERSISTED CONTRACT.
    dedupeKey: `status:${providerId}:${status.status}`,
  };
};
