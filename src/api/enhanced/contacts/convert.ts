// Where the wire names of contacts meet ours.
import type { z } from "zod";
import type { ConsentEntry, ContactRow, Identity, IdentityKind } from "../../../domain/contact/contact.ts";
import type { ContactChange, ContactInput } from "../../../domain/contact/contact-input.ts";
import { consentOf } from "../../../domain/contact/read-contact.ts";
import { defined } from "../../../lib/defined.ts";
import { timeOf, timeOrNull } from "../convert.ts";
import type { createContactBody, listQuery, updateContactBody } from "./schema.ts";

export const fromNewContact = ({ attributes, ...body }: z.output<typeof createContactBody>): ContactInput => ({
  ...(Object.fromEntries(Object.entries(body).filter(([, value]) => value != null)) as Omit<
    ContactInput,
    "attributes"
  >),
  attributes: attributes ?? {},
});

export const fromContactChange = (body: z.output<typeof updateContactBody>): ContactChange => defined(body);

/** By what one contact is asked for; undefined: the list is. */
export const identityOf = ({ phone, email, externalId }: z.output<typeof listQuery>): Identity | undefined => {
  if (phone !== undefined) return { kind: "phone", value: phone };
  if (email !== undefined) return { kind: "email", value: email.toLowerCase() };
  return externalId === undefined ? undefined : { kind: "external_id", value: externalId };
};

export const toContact = (row: ContactRow) => {
  const identity = (kind: IdentityKind) => row.identities.find((one) => one.kind === kind)?.value ?? null;
  return {
    id: row.id,
    name: row.name,
    phone: row.phone,
    email: identity("email"),
    externalId: identity("external_id"),
    whatsappId: identity("whatsapp_bsuid"),
    tags: row.tags,
    attributes: row.attributes,
    timezone: row.timezone,
    consentState: consentOf(row),
    consentUpdatedAt: timeOrNull(row.consentUpdatedAt),
    consentSource: row.consentSource,
    lastMessageReceivedAt: timeOrNull(row.lastReceivedAt),
    createdAt: timeOf(row.createdAt),
    updatedAt: timeOf(row.updatedAt),
  };
};

export const toConsentEntry = ({ state, epoch, source, actor, requestId, at }: ConsentEntry) => ({
  consentState: state,
  epoch,
  source,
  actor,
  requestId,
  changedAt: timeOf(at),
});
