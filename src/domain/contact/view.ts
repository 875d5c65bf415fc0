// A contact as templates and filters read it: `contact.*`, and `user.*` with the attributes at top level (engine/lookup.ts).
import type { ContactRow, IdentityKind } from "../../db/queries/contacts.ts";
import { type JsonObject, own } from "../../lib/json.ts";

/** PERSISTED CONTRACT: runs keep the contact in this shape. `id` is ours, `external_id` the caller's. */
export const contactView = (contact: ContactRow): JsonObject => {
  const identity = (kind: IdentityKind): string | null =>
    contact.identities.find((one) => one.kind === kind)?.value ?? null;
  return {
    id: contact.id,
    external_id: identity("external_id"),
    name: contact.name,
    phone: identity("phone"),
    // Who told theirs to a chatbot, in answer to a question, has it as an attribute: others may have it too.
    email: identity("email") ?? own(contact.attributes, "email") ?? null,
    tags: contact.tags,
    attributes: contact.attributes,
    timezone: contact.timezone,
    consent_state: contact.consentState,
    created_at: new Date(contact.createdAt).toISOString(),
  };
};
