// The event that a contact is new. Told by whoever made the contact's row, in that row's own commit or after it.
import type { Address } from "../../channels/channel.ts";
import type { Identity } from "../../db/queries/contacts.ts";
import { newId } from "../../lib/ids.ts";
import type { StreamEvent } from "../event.ts";

export const userCreated = (
  about: Pick<StreamEvent, "organizationId" | "source" | "occurredAt" | "depth"> & { contactId: string },
  by: Address | Identity,
): StreamEvent => ({
  ...about,
  id: newId(about.occurredAt),
  type: "USER_CREATED",
  // Somebody else's id of them is no address: whoever has none is named by ours.
  data: {
    contact_id: about.contactId,
    identity:
      by.kind === "external_id" ? { kind: "contact", value: about.contactId } : { kind: by.kind, value: by.value },
  },
});
