// The only place where the wire names of users meet ours.
import type { z } from "zod";
import type { ConsentEntry, ContactRow, IdentityKind } from "../../../domain/contact/contact.ts";
import type { ContactChange, ContactInput } from "../../../domain/contact/contact-input.ts";
import { consentOf } from "../../../domain/contact/read-contact.ts";
import { DomainError, type FieldProblem } from "../../../domain/errors.ts";
import { instant, instantOrNull } from "../convert.ts";
import type { createUserBody, updateUserBody } from "./schema.ts";

export const fromUser = (body: z.output<typeof createUserBody>): ContactInput => ({
  phone: body.phone_e164,
  attributes: body.attributes ?? {},
  ...(body.consent_state === undefined ? {} : { consentState: body.consent_state }),
  ...(body.external_id == null ? {} : { externalId: body.external_id }),
  ...(body.email == null ? {} : { email: body.email }),
  ...(body.timezone == null ? {} : { timezone: body.timezone }),
  ...(body.tags === undefined ? {} : { tags: body.tags }),
});

export const fromUserChange = (body: z.output<typeof updateUserBody>): ContactChange => ({
  ...(body.attributes === undefined ? {} : { attributes: body.attributes }),
  ...(body.consent_state === undefined ? {} : { consentState: body.consent_state }),
  ...(body.external_id === undefined ? {} : { externalId: body.external_id }),
  ...(body.email === undefined ? {} : { email: body.email }),
  ...(body.timezone === undefined ? {} : { timezone: body.timezone }),
  ...(body.tags === undefined ? {} : { tags: body.tags }),
});

const identityOf = (contact: ContactRow, kind: IdentityKind): string | null =>
  contact.identities.find((one) => one.kind === kind)?.value ?? null;

export const toUser = (contact: ContactRow) => ({
  // Whoever is found here has one.
  phone_e164: contact.phone!,
  created_at: instant(contact.createdAt),
  consent_state: consentOf(contact),
  consent_updated_at: instant(contact.consentUpdatedAt ?? contact.createdAt),
  consent_source: contact.consentSource,
  attributes: contact.attributes,
  last_message_received: instantOrNull(contact.lastReceivedAt),
  id: contact.id,
  external_id: identityOf(contact, "external_id"),
  email: identityOf(contact, "email"),
  timezone: contact.timezone,
  tags: contact.tags,
  updated_at: instant(contact.updatedAt),
});

export const toUserDetails = (contact: ContactRow, history: readonly ConsentEntry[]) => ({
  ...toUser(contact),
  consent_epoch: contact.consentEpoch,
  consent_history: history.map((entry) => ({
    consent_state: entry.state,
    epoch: entry.epoch,
    source: entry.source,
    actor: entry.actor,
    request_id: entry.requestId,
    changed_at: instant(entry.at),
  })),
});

const WIRE_NAME: Readonly<Record<string, string>> = { phone: "phone_e164", externalId: "external_id" };
export const wireField = (field: string): string => WIRE_NAME[field] ?? field;
const toProblem = (problem: FieldProblem): FieldProblem => ({ ...problem, field: wireField(problem.field) });

/** What went wrong, in this API's names. `phone` is the one that was asked for. */
export const toWireError = (error: unknown, phone: string): unknown => {
  if (!(error instanceof DomainError)) return error;
  if (error.code === "not_found" && error.subject === "contact") {
    return new DomainError("not_found", `User with phone ${phone} not found`, { subject: "user" });
  }
  if (error.problems.length === 0) return error;
  const problems = error.problems.map(toProblem);
  const [first] = problems;
  const message = error.code === "conflict" ? error.message : `${first!.field}: ${first!.message}`;
  return new DomainError(error.code, message, { ...(error.subject ? { subject: error.subject } : {}), problems });
};
