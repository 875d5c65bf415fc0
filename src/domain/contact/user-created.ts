// The event that a contact is new. Told by whoever made the contact's row, in that row's own commit or after it.
import type { Address } from "../../channels/channel.ts";
import { newId } from "../../lib/ids.ts";
import type { StreamEvent } from "../event.ts";

export const userCreated = (
  about: Pick<StreamEvent, "organizationId" | "source" | "occurredAt" | "depth"> & { contactId: string },
  address: Address,
): StreamEvent => ({
  ...about,
  id: newId(about.occurredAt),
  type: "USER_CREATED",
  data: { contact_id: about.contactId, identity: { kind: address.kind, value: address.value } },
});
